using System.Globalization;
using System.Text;
using System.Text.Json;
using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Http;

namespace Cdc.ClickHouse;

/// <summary>
/// A ledger in ClickHouse, beside the tables that it speaks of: one small ReplacingMergeTree for all pipelines of a database,
/// a row for each pipeline, topic and partition. It is created when it is first written.
/// </summary>
/// <remarks>
/// Restored from the same backup as the tables, it says how far they were, so that what is missing is read again.
/// Back it up before the tables: an entry that is too old costs a repetition, one that is too new a gap.
/// </remarks>
public sealed class ClickHouseLedger : ILedger, IDisposable
{
    private readonly ServerConnection server;
    private readonly TimeProvider time;
    private readonly string database;
    private readonly string table;
    private readonly string pipeline;
    private readonly bool create;
    private long lastVersion;
    private bool exists;

    /// <summary>Makes a ledger.</summary>
    /// <param name="options">Where: the endpoint, the credentials, and <see cref="ClickHouseOptions.Database"/>, <c>default</c> where that is null.</param>
    /// <param name="pipeline">The name of the pipeline, such as its consumer group. Two pipelines must not share one.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public ClickHouseLedger(ClickHouseOptions options, string pipeline, string table = "_cdc_ledger", TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(pipeline);
        ArgumentException.ThrowIfNullOrEmpty(table);
        options.Validate(nameof(options));
        this.time = time ?? TimeProvider.System;
        server = new ServerConnection(options, this.time);
        database = options.Database ?? "default";
        this.table = table;
        this.pipeline = pipeline;
        create = options.CreateTables;
    }

    /// <inheritdoc/>
    /// <exception cref="ClickHouseServerException">The server refused the query or did not answer.</exception>
    public async ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        await CreateAsync(cancellationToken).ConfigureAwait(false);
        var sql = $"SELECT topic, partition, position, topic_id, reader_state, version FROM {Sql.Name(database, table)} FINAL WHERE pipeline = {{pipeline:String}} FORMAT JSONCompactStringsEachRow";
        var result = await server.QueryAsync(sql, [new("pipeline", QueryText.Parameter(pipeline))], "", cancellationToken).ConfigureAwait(false);
        var entries = new List<LedgerEntry>();
        foreach (var row in QueryText.Rows(result))
        {
            var partition = new Checkpoint(row[0], int.Parse(row[1], CultureInfo.InvariantCulture), long.Parse(row[2], CultureInfo.InvariantCulture));
            entries.Add(new LedgerEntry(partition, row[3], row[4].Length == 0 ? null : row[4]));
            lastVersion = Math.Max(lastVersion, long.Parse(row[5], CultureInfo.InvariantCulture));
        }

        return entries;
    }

    /// <inheritdoc/>
    /// <exception cref="ClickHouseServerException">The server refused the entries or did not answer.</exception>
    public async ValueTask WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count == 0) return;
        await CreateAsync(cancellationToken).ConfigureAwait(false);

        // The clock only tells the later entry of one partition; an entry that loses by a wrong clock costs a repetition.
        lastVersion = Math.Max(lastVersion + 1, time.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
        var sql = $"INSERT INTO {Sql.Name(database, table)} (pipeline, topic, partition, position, topic_id, reader_state, version) FORMAT JSONEachRow\n{Rows(entries)}";
        await server.QueryAsync(sql, null, "&async_insert=0&input_format_skip_unknown_fields=0&input_format_null_as_default=0", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => server.Dispose();

    private string Rows(IReadOnlyList<LedgerEntry> entries)
    {
        using var rows = new MemoryStream();
        foreach (var entry in entries)
        {
            using (var json = new Utf8JsonWriter(rows))
            {
                json.WriteStartObject();
                json.WriteString("pipeline", pipeline);
                json.WriteString("topic", entry.Partition.Topic);
                json.WriteNumber("partition", entry.Partition.Partition);
                json.WriteNumber("position", entry.Partition.Position);
                json.WriteString("topic_id", entry.TopicId);
                json.WriteString("reader_state", entry.ReaderState ?? "");
                json.WriteNumber("version", lastVersion);
                json.WriteEndObject();
            }

            rows.WriteByte((byte)'\n');
        }

        return Encoding.UTF8.GetString(rows.GetBuffer(), 0, (int)rows.Length);
    }

    private async ValueTask CreateAsync(CancellationToken cancellationToken)
    {
        if (exists) return;
        if (create)
        {
            await server.QueryAsync($"CREATE DATABASE IF NOT EXISTS {Sql.Name(database)}", null, "", cancellationToken).ConfigureAwait(false);
            await server.QueryAsync(
                $"""
                CREATE TABLE IF NOT EXISTS {Sql.Name(database, table)}
                (
                    pipeline String,
                    topic String,
                    partition Int32,
                    position Int64,
                    topic_id String,
                    reader_state String,
                    version Int64
                )
                ENGINE = ReplacingMergeTree(version)
                ORDER BY (pipeline, topic, partition)
                COMMENT 'How far each pipeline of Cdc was applied, and what its reader knows there'
                """,
                null, "", cancellationToken).ConfigureAwait(false);
        }

        exists = true;
    }
}
