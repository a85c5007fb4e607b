using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;

namespace Cdc.Debezium;

/// <summary>
/// A catalog of a source as a file: one table a line, <c>{"schema":…,"table":…,"columns":[{"name":…,"type":…,"notnull":…}],"key":[…]}</c>,
/// plain or gzip. Other members (<c>rows</c>) are passed over.
/// </summary>
public static class SourceCatalogFile
{
    /// <summary>Reads a file to its end.</summary>
    /// <param name="stream">The file; it stays open.</param>
    /// <param name="aliases">The base types of the source's domains (<c>types.price</c> → <c>numeric(10,2)</c>), or null: a file cannot tell.</param>
    /// <exception cref="ChangeFormatException">A line is no table.</exception>
    public static SourceCatalog Read(Stream stream, IReadOnlyDictionary<string, string>? aliases = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var catalog = new SourceCatalog();
        using var content = new StreamReader(Open(stream), leaveOpen: true);
        for (var line = 1; content.ReadLine() is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            try
            {
                using var document = JsonDocument.Parse(text);
                catalog.Add(Table(document.RootElement, aliases));
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
            {
                throw new ChangeFormatException($"Line {line} of the catalog is no table: it needs schema, table, columns (name, type, notnull) and key.", exception);
            }
        }

        return catalog;
    }

    private static CatalogTable Table(JsonElement table, IReadOnlyDictionary<string, string>? aliases)
    {
        var id = new TableId("", table.GetProperty("schema").GetString() ?? "", table.GetProperty("table").GetString() ?? throw new JsonException());
        ImmutableArray<ColumnShape> columns = [.. table.GetProperty("columns").EnumerateArray().Select(column => new ColumnShape(
            column.GetProperty("name").GetString() ?? throw new JsonException(),
            PostgresTypes.Parse(column.GetProperty("type").GetString() ?? throw new JsonException(), aliases),
            !column.GetProperty("notnull").GetBoolean()))];
        ImmutableArray<string> key = [.. table.GetProperty("key").EnumerateArray().Select(name => name.GetString() ?? throw new JsonException())];
        return new CatalogTable(id, columns, key);
    }

    private static Stream Open(Stream stream)
    {
        var buffered = new BufferedStream(stream);
        Span<byte> magic = stackalloc byte[2];
        var read = buffered.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        Stream whole = new PrefixedStream(magic[..read].ToArray(), buffered);
        return read == 2 && magic[0] == 0x1F && magic[1] == 0x8B ? new GZipStream(whole, CompressionMode.Decompress, leaveOpen: true) : whole;
    }

    /// <summary>Puts the bytes back that were read to tell the format: the stream may not seek.</summary>
    private sealed class PrefixedStream(byte[] prefix, Stream rest) : Stream
    {
        private int taken;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (taken == prefix.Length) return rest.Read(buffer);
            var count = Math.Min(buffer.Length, prefix.Length - taken);
            prefix.AsSpan(taken, count).CopyTo(buffer);
            taken += count;
            return count;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
