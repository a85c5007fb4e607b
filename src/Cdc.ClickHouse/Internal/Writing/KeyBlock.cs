using System.Buffers.Binary;
using System.Globalization;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>Keys to look up, as a Native block: a number for the answer, the version to stay below, and the key.</summary>
internal sealed class KeyBlock : IDisposable
{
    private readonly RowLayout layout;
    private readonly NumberColumn numbers = new();
    private readonly DeletedColumn fetch = new();
    private readonly DeletedColumn alive = new();
    private readonly VersionColumn below = new();
    private readonly ColumnEncoder[] keys;
    private readonly Block block;

    public KeyBlock(RowLayout layout)
    {
        this.layout = layout;
        keys = [.. layout.Key.Select(layout.CreateEncoder)];
        Names = [.. layout.Key.Select(static k => k.Name)];
        block = new Block([new("cdc_row", numbers), new("cdc_fetch", fetch), new("cdc_alive", alive), new("cdc_below", below), .. keys.Select(static (k, i) => new BlockColumn(Alias(i), k))]);
        Structure = string.Join(", ", block.Columns.Select(static c => $"{c.Name} {c.Encoder.Type}"));
    }

    /// <summary>The key's columns in the target.</summary>
    public IReadOnlyList<string> Names { get; }

    public string Structure { get; }

    public int Rows => block.Rows;

    public long Bytes => block.Bytes;

    public static string Alias(int position) => string.Create(CultureInfo.InvariantCulture, $"cdc_k{position}");

    /// <param name="number">What the answer is told by.</param>
    /// <param name="wanted">Whether the values are asked for.</param>
    /// <param name="onlyAlive">Whether deletes are passed over.</param>
    /// <param name="version">The version to stay below.</param>
    /// <param name="change">The change.</param>
    /// <param name="former">Whether the key before a change of key is meant.</param>
    public void Add(uint number, bool wanted, bool onlyAlive, RowVersion version, ChangeEvent change, bool former)
    {
        numbers.Append(number);
        fetch.Append(wanted);
        alive.Append(onlyAlive);
        below.Append(version);
        for (var i = 0; i < keys.Length; i++) keys[i].Append(layout.KeyCell(change, i, former));
        block.EndRow(default);
    }

    public async Task<string> ToHexAsync(CancellationToken cancellationToken)
    {
        using var content = block.Content(0, block.Rows);
        return Convert.ToHexStringLower(await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }

    public void Clear() => block.Clear();

    public void Dispose() => block.Dispose();

    private sealed class NumberColumn() : TechnicalColumn(ClickHouseType.Parse("UInt32"), 4)
    {
        public void Append(uint number)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Buffer.Room(4), number);
            Buffer.Advance(4);
        }
    }
}
