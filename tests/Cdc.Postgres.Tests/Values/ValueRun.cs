using Npgsql;
using NpgsqlTypes;

namespace Cdc.Postgres.Tests.Values;

/// <summary>Every value of every case, read twice: in binary by a snapshot, as text by the stream; and the messages that carried them.</summary>
public sealed class ValueRun(ServerFixture fixture) : IAsyncLifetime
{
    private const int Streamed = 1_000_000;
    private const string Kinds =
        """
        CREATE EXTENSION IF NOT EXISTS hstore; CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS ltree;
        CREATE SCHEMA vals;
        CREATE TYPE vals.mood AS ENUM ('sad', 'ok', 'it''s "complicated"'); CREATE DOMAIN vals.posint AS integer CHECK (VALUE > 0);
        CREATE DOMAIN vals.price AS numeric(10,2); CREATE TYPE vals.pair AS (a int, b text);
        """;

    private readonly Dictionary<(string Table, string Id), ChangeEvent> events = [];

    internal DatabaseServer Server => fixture.Server;

    /// <summary>The server's own text of each value, by the case's position and the row.</summary>
    internal Dictionary<(int Case, int Row), string?> Texts { get; } = [];

    /// <summary>The source's messages in their order, copies of their own.</summary>
    internal List<SourceMessage> Messages { get; } = [];

    internal ChangeEvent Snapshot(int type, int row) => events[($"t{type}", $"{row}")];

    internal ChangeEvent Stream(int type, int row) => events[($"t{type}", $"{row + Streamed}")];

    public async ValueTask InitializeAsync()
    {
        if (DatabaseServer.Missing is not null) return;
        var server = fixture.Server;
        await server.ExecuteAsync(Kinds);
        var options = new PostgresOptions { ConnectionString = server.ConnectionString, Slot = "vals", Publication = "vals", CreateSlot = true, CreatePublication = true };
        for (var i = 0; i < TypeCase.All.Count; i++)
        {
            await FillAsync(server, i);
            options.Tables.Add($"vals.t{i}");
        }

        await using var source = new PostgresChangeSource(options, new MemoryLedger());
        var isInserted = false;
        await foreach (var batch in source.ReadAsync(TestContext.Current.CancellationToken))
        {
            Take(batch);
            var ends = batch.Messages.ToArray().GroupBy(m => (m.Topic, m.Partition)).Select(g => new Checkpoint(g.Key.Topic, g.Key.Partition, g.Max(m => m.Offset) + 1)).ToList();
            await source.CommitAsync(ends, TestContext.Current.CancellationToken);
            if (!isInserted && events.Count == Texts.Count)
            {
                for (var i = 0; i < TypeCase.All.Count; i++) await server.ExecuteAsync($"INSERT INTO vals.t{i} SELECT id + {Streamed}, v FROM vals.t{i} WHERE id < {Streamed}");
                isInserted = true;
            }

            if (events.Count == 2 * Texts.Count) break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (DatabaseServer.Missing is null) await fixture.Server.ExecuteAsync("SELECT pg_drop_replication_slot('vals'); DROP PUBLICATION vals; DROP SCHEMA vals CASCADE");
    }

    private readonly PostgresReader reader = new();
    private readonly ChangeEvent change = new();

    private void Take(SourceBatch batch)
    {
        foreach (var partition in batch.Partitions)
        {
            if (partition.Kind == PartitionChangeKind.Assigned) reader.RestoreState(partition.Partition, partition.State);
        }

        foreach (var message in batch.Messages.ToArray())
        {
            Messages.Add(new SourceMessage(message.Topic, message.Partition, message.Offset, null, message.Value!.Value.ToArray()));
            if (reader.Read(in message, change) == MessageKind.Change) events[(change.Shape.Table.Name, change.Key[0].GetString())] = change.Detach();
        }
    }

    // The text is the output function's, as the stream sends it: a cast of char(n) or inet gives another.
    private async Task FillAsync(DatabaseServer server, int number)
    {
        var type = TypeCase.All[number].Type;
        await server.ExecuteAsync($"CREATE TABLE vals.t{number} (id int PRIMARY KEY, v {type})");
        await using var insert = server.Data.CreateCommand($"INSERT INTO vals.t{number} SELECT n, v::{type} FROM unnest(@literals) WITH ORDINALITY u(v, n)");
        insert.Parameters.Add(new NpgsqlParameter("literals", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = TypeCase.All[number].Literals() });
        await insert.ExecuteNonQueryAsync();
        foreach (var line in await server.LinesAsync($"SET extra_float_digits = 1; SET TimeZone = 'UTC'; SELECT json_build_array(id, CASE WHEN num_nulls(v) = 0 THEN concat(v) END)::text FROM vals.t{number}"))
        {
            using var row = System.Text.Json.JsonDocument.Parse(line);
            Texts[(number, row.RootElement[0].GetInt32())] = row.RootElement[1].GetString();
        }
    }
}

/// <summary>One run for all tests that look at its values.</summary>
[CollectionDefinition(nameof(ValueRun))]
public sealed class ValueRunUsers : ICollectionFixture<ValueRun>;
