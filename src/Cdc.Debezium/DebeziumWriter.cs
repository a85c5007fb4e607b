using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cdc.Debezium.Internal;
using Cdc.Debezium.Internal.Writing;

namespace Cdc.Debezium;

/// <summary>
/// Writes changes as Debezium's PostgreSQL connector does: adaptive times, bytes in base64, with or without schema block. What a
/// <see cref="DebeziumReader"/> reads from it is the change that was written, cell by cell, with its version.
/// </summary>
/// <remarks>
/// An envelope has no place for an epoch, for the rank of a lone tombstone's delete, and for versions by offset: a reader makes its own of these.
/// A writer is used by one caller at a time.
/// </remarks>
public sealed class DebeziumWriter : IChangeWriter
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly DebeziumWriterOptions options;
    private readonly ValueWriter values;
    private readonly TimeProvider time;
    private readonly ConditionalWeakTable<TableShape, ShapeSchemas> schemas = [];
    private readonly OpenTransaction transaction = new();

    /// <summary>Makes a writer.</summary>
    /// <param name="options">How it writes; null for the defaults.</param>
    /// <param name="time">The clock of the envelope's own time, or null for the system's.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public DebeziumWriter(DebeziumWriterOptions? options = null, TimeProvider? time = null)
    {
        this.options = options ??= new DebeziumWriterOptions();
        var problems = options.Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException($"The options of the writer are wrong: {string.Join("; ", problems)}.", nameof(options));
        this.time = time ?? TimeProvider.System;
        values = new ValueWriter(options);
    }

    /// <inheritdoc/>
    public string OldKeyHeader => KeyChange.OldKeyHeader;

    /// <inheritdoc/>
    /// <remarks>Refused: NaN and infinity in a precise decimal, and an unavailable number.</remarks>
    public bool Write(ChangeEvent change, IBufferWriter<byte> key, IBufferWriter<byte> value)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var blocks = options.IncludeSchema ? schemas.GetValue(change.Shape, shape => new ShapeSchemas(shape, options, values)) : null;
        using (var json = Begin(value, blocks?.Value))
        {
            WriteEnvelope(json, change);
            if (blocks is not null) json.WriteEndObject();
        }

        transaction.Written(change);
        if (!change.Key.IsPresent) return false;
        using (var json = Begin(key, blocks?.Key))
        {
            WriteRow(json, change.Key);
            if (blocks is not null) json.WriteEndObject();
        }

        return true;
    }

    /// <inheritdoc/>
    public bool WriteOldKey(ChangeEvent change, IBufferWriter<byte> header)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(header);
        if (!change.OldKey.IsPresent) return false;
        using var json = Begin(header, null);
        WriteRow(json, change.OldKey);
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>As Debezium's <c>provide.transaction.metadata</c> makes them: the id is <c>transaction:lsn</c>, of the first change here and of the commit's end there.</remarks>
    public bool BeginTransaction(ChangeEvent first, IBufferWriter<byte> key, IBufferWriter<byte> value)
    {
        ArgumentNullException.ThrowIfNull(first);
        transaction.Begin(first);
        WriteBoundary(key, value, first.Version.Event, isEnd: false);
        return true;
    }

    /// <inheritdoc/>
    public bool EndTransaction(long position, IBufferWriter<byte> key, IBufferWriter<byte> value)
    {
        if (!transaction.IsOpen) return false;
        WriteBoundary(key, value, position > 0 ? (ulong)position : transaction.Commit, isEnd: true);
        transaction.End();
        return true;
    }

    private void WriteBoundary(IBufferWriter<byte> key, IBufferWriter<byte> value, ulong position, bool isEnd)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var id = transaction.IdAt(position);
        using (var json = Begin(key, options.IncludeSchema ? TransactionSchemas.Key : null))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id);
            json.WriteEndObject();
            if (options.IncludeSchema) json.WriteEndObject();
        }

        using (var json = Begin(value, options.IncludeSchema ? TransactionSchemas.Value : null))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, isEnd ? "END"u8 : "BEGIN"u8);
            json.WriteString("id"u8, id);
            transaction.WriteCounts(json, isEnd);
            json.WriteNumber("ts_ms"u8, transaction.Time / 1000);
            json.WriteEndObject();
            if (options.IncludeSchema) json.WriteEndObject();
        }
    }

    private static Utf8JsonWriter Begin(IBufferWriter<byte> target, byte[]? schema)
    {
        var json = new Utf8JsonWriter(target, JsonOptions);
        if (schema is null) return json;
        json.WriteStartObject();
        json.WritePropertyName("schema"u8);
        json.WriteRawValue(schema, skipInputValidation: true);
        json.WritePropertyName("payload"u8);
        return json;
    }

    private void WriteEnvelope(Utf8JsonWriter json, ChangeEvent change)
    {
        json.WriteStartObject();
        WriteRow(json, "before"u8, change.Before);
        WriteRow(json, "after"u8, change.After);
        WriteSource(json, change);
        transaction.WritePlace(json, change);
        json.WriteString("op"u8, change.Operation switch
        {
            ChangeOperation.Insert => "c"u8,
            ChangeOperation.Update => "u"u8,
            ChangeOperation.Delete => "d"u8,
            ChangeOperation.Read => "r"u8,
            ChangeOperation.Truncate => "t"u8,
            _ => throw new InvalidOperationException("The event holds no change: read one first."),
        });
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
        json.WriteNumber("ts_ms"u8, now / TimeSpan.TicksPerMillisecond);
        json.WriteNumber("ts_us"u8, now / TimeSpan.TicksPerMicrosecond);
        json.WriteNumber("ts_ns"u8, now * 100);
        json.WriteEndObject();
    }

    private void WriteSource(Utf8JsonWriter json, ChangeEvent change)
    {
        var table = change.Shape.Table;
        json.WriteStartObject("source"u8);
        json.WriteString("version"u8, "3.3.1.Final"u8);
        json.WriteString("connector"u8, "postgresql"u8);
        json.WriteString("name"u8, options.TopicPrefix);
        json.WriteNumber("ts_ms"u8, change.SourceTimestamp / 1000);
        json.WriteString("snapshot"u8, change.IsSnapshot ? "true"u8 : "false"u8);
        json.WriteString("db"u8, table.Database);
        var isLog = change.Shape.VersionLayout == VersionLayout.Log;
        if (isLog) json.WriteString("sequence"u8, Sequence(change.Version));
        else json.WriteNull("sequence"u8);
        json.WriteNumber("ts_us"u8, change.SourceTimestamp);
        if (change.SourceTimestamp is > long.MinValue / 1000 and < long.MaxValue / 1000) json.WriteNumber("ts_ns"u8, change.SourceTimestamp * 1000);
        else json.WriteNull("ts_ns"u8);
        json.WriteString("schema"u8, table.Schema);
        json.WriteString("table"u8, table.Name);
        if (long.TryParse(change.TransactionId.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var transaction)) json.WriteNumber("txId"u8, transaction);
        else json.WriteNull("txId"u8);
        if (isLog) json.WriteNumber("lsn"u8, change.Version.Event);
        else json.WriteNull("lsn"u8);
        json.WriteNull("xmin"u8);
        json.WriteEndObject();
    }

    private static string Sequence(RowVersion version) => version.Commit == 0
        ? string.Create(CultureInfo.InvariantCulture, $"[null,\"{version.Event}\"]")
        : string.Create(CultureInfo.InvariantCulture, $"[\"{version.Commit}\",\"{version.Event}\"]");

    private void WriteRow(Utf8JsonWriter json, ReadOnlySpan<byte> name, RowImage row)
    {
        json.WritePropertyName(name);
        if (row.IsPresent) WriteRow(json, row);
        else json.WriteNullValue();
    }

    private void WriteRow(Utf8JsonWriter json, RowImage row)
    {
        json.WriteStartObject();
        for (var i = 0; i < row.Columns.Length; i++)
        {
            if (row.GetState(i) == CellState.Absent) continue;
            json.WritePropertyName(row.Columns[i].Name);
            values.Write(row[i], json);
        }

        json.WriteEndObject();
    }
}
