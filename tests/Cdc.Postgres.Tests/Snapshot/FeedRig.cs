using System.Buffers.Binary;
using System.Text;
using Cdc.Postgres.Internal.Setup;
using Cdc.Postgres.Internal.Snapshot;
using Npgsql;
using Npgsql.Replication;

namespace Cdc.Postgres.Tests.Snapshot;

/// <summary>A source in small: it takes snapshot batches and the slot's changes in turns, as the real one does, and puts them into a replica.</summary>
internal sealed class FeedRig : IAsyncDisposable
{
    private readonly DatabaseServer server;
    private readonly string name;
    private readonly StreamedTransactions streamed = new();
    private readonly Queue<(ulong Lsn, uint Transaction, byte[] Data)> queue = [];
    private readonly List<(ulong Lsn, uint Transaction, byte[] Data)> delivered = [];
    private readonly Dictionary<(string Topic, int Partition), long> positions = [];
    private readonly NpgsqlDataSource data;
    private ulong commit;

    private FeedRig(DatabaseServer server, string name, MemoryLedger ledger, Replica replica, SnapshotSettings? settings)
    {
        this.server = server;
        this.name = name;
        Ledger = ledger;
        Replica = replica;
        data = NpgsqlDataSource.Create(server.ConnectionString + ";Command Timeout=0");
        Feed = new SnapshotFeed(data, settings ?? new SnapshotSettings(name, name) { RangeBlocks = 4, PollInterval = TimeSpan.FromMilliseconds(50), VisibilityInterval = TimeSpan.FromMilliseconds(10) }, ledger, streamed);
    }

    public SnapshotFeed Feed { get; }

    public Replica Replica { get; }

    public MemoryLedger Ledger { get; }

    public ulong ConsistentPoint { get; private set; }

    public int DroppedChanges { get; private set; }

    /// <summary>Whether what is delivered becomes durable; a test of a crash says no.</summary>
    public bool Commits { get; set; } = true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Creates the slot and begins to read the publication of the same name.</summary>
    public static async Task<FeedRig> FirstAsync(DatabaseServer server, string name, SnapshotSettings? settings = null, Func<Task>? afterSlot = null, bool exported = true)
    {
        var rig = new FeedRig(server, name, new MemoryLedger(), new Replica(), settings);
        var replication = new LogicalReplicationConnection(server.ConnectionString);
        await replication.Open(Token);
        var (point, snapshot) = await ServerSlot.CreateAsync(replication, name, failover: false, Token);
        rig.ConsistentPoint = point;
        if (afterSlot is not null) await afterSlot();
        rig.Feed.Begin(new SnapshotStart { IsFirst = true, Position = point, Exported = exported ? snapshot : null, Exporter = replication });
        return rig;
    }

    /// <summary>Begins on a slot that exists, at the position up to which it was confirmed.</summary>
    public static async Task<FeedRig> ExistingAsync(DatabaseServer server, string name)
    {
        var rig = new FeedRig(server, name, new MemoryLedger(), new Replica(), null);
        await using var connection = await server.Data.OpenConnectionAsync(Token);
        rig.ConsistentPoint = (await ServerSlot.FindAsync(connection, name, Token))!.Confirmed!.Value;
        rig.Feed.Begin(new SnapshotStart { IsFirst = true, Position = rig.ConsistentPoint });
        return rig;
    }

    /// <summary>Another process on the same ledger and replica.</summary>
    public async Task<FeedRig> RestartAsync()
    {
        await Feed.DisposeAsync();
        var next = new FeedRig(server, name, Ledger, Replica, null) { ConsistentPoint = ConsistentPoint };
        next.streamed.Begin(await BeforeAsync());

        // The server sends again what was not confirmed: here the newest changes, from the beginning of a transaction on.
        var again = delivered.FindIndex(Math.Max(0, delivered.Count - 300), c => c.Data[0] == (byte)'B');
        foreach (var change in again < 0 ? [] : delivered[again..]) next.queue.Enqueue(change);
        foreach (var change in queue) next.queue.Enqueue(change);
        next.Feed.Begin(new SnapshotStart { IsFirst = false, Entries = await Ledger.ReadAsync(Token) });
        return next;
    }

    /// <summary>Takes snapshot batches until all that the stream waits for was delivered and is durable.</summary>
    public async Task CatchUpAsync(int batches = int.MaxValue)
    {
        await foreach (var batch in Feed.ReadUntilCaughtUpAsync(Token))
        {
            await TakeAsync(batch);
            if (batch.Messages.Length > 0 && --batches == 0) return;
        }

        await SettleAsync();
    }

    /// <summary>Takes batches and changes in turns until a condition holds.</summary>
    public async Task PumpAsync(Func<bool> until, int seconds = 20)
    {
        var deadline = DateTime.UtcNow.AddSeconds(seconds);
        while (!until())
        {
            Assert.True(DateTime.UtcNow < deadline, $"What was waited for did not come. {Feed.Retrying} {string.Join("; ", Feed.Progress)}");
            if (!await StepAsync()) await Feed.WaitAsync(TimeSpan.FromMilliseconds(10), Token);
        }
    }

    /// <summary>Takes all that there is.</summary>
    public async Task DrainAsync()
    {
        while (await StepAsync() || Feed.HoldsStream) ;
    }

    public async Task SettleAsync() => await PumpAsync(() => Feed.Progress.All(p => p.State == PostgresSnapshotState.Finished));

    /// <summary>Takes one snapshot batch and one message of the stream.</summary>
    /// <returns>Whether there was anything.</returns>
    public async Task<bool> StepAsync()
    {
        var batch = await Feed.TryTakeAsync(Token);
        if (batch is { } taken) await TakeAsync(taken);
        if (!Feed.IsCaughtUp || Feed.HoldsStream) return batch is not null;
        if (queue.Count == 0) await FillAsync();
        if (!queue.TryDequeue(out var change)) return batch is not null;
        delivered.Add(change);
        Stream(change);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await Feed.DisposeAsync();
        await data.DisposeAsync();
        await using var drop = server.Data.CreateCommand($"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{name}'");
        await drop.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task<TransactionSnapshot> BeforeAsync()
    {
        await SnapshotSession.DrawIdAsync(data, Token);
        return await SnapshotSession.LookAsync(data, Token);
    }

    private async Task TakeAsync(SourceBatch batch)
    {
        foreach (var change in batch.Partitions)
        {
            var key = (change.Partition.Topic, change.Partition.Partition);
            if (change.Kind == PartitionChangeKind.Revoked) Assert.True(positions.Remove(key));
            else positions.Add(key, change.Partition.Position);
        }

        var ends = new List<Checkpoint>();
        foreach (var message in batch.Messages.ToArray())
        {
            Assert.True(positions[(message.Topic, message.Partition)] <= message.Offset);
            positions[(message.Topic, message.Partition)] = message.Offset + 1;
            Replica.Snapshot(message);
            ends.Add(new Checkpoint(message.Topic, message.Partition, message.Offset + 1));
        }

        if (!Commits || ends.Count == 0) return;
        var checkpoints = ends.GroupBy(e => (e.Topic, e.Partition)).Select(g => g.MaxBy(e => e.Position)).ToList();
        await Ledger.WriteAsync([.. checkpoints.Select(c => new LedgerEntry(c, "", null))], Token);
        Feed.Commit(checkpoints);
    }

    private async Task FillAsync()
    {
        await using var command = server.Data.CreateCommand(
            "SELECT (lsn - '0/0')::int8, xid::text, data FROM pg_logical_slot_get_binary_changes(@slot, NULL, NULL, 'proto_version', '1', 'publication_names', @slot, 'messages', 'true')");
        command.Parameters.Add(new("slot", name));
        await using var row = await command.ExecuteReaderAsync(Token);
        while (await row.ReadAsync(Token)) queue.Enqueue(((ulong)row.GetInt64(0), uint.Parse(row.GetString(1)), row.GetFieldValue<byte[]>(2)));
    }

    private void Stream((ulong Lsn, uint Transaction, byte[] Data) change)
    {
        var data = change.Data.AsSpan();
        switch ((char)data[0])
        {
            case 'B':
                commit = BinaryPrimitives.ReadUInt64BigEndian(data[1..]);
                streamed.Add(BinaryPrimitives.ReadUInt32BigEndian(data[17..]), commit);
                break;
            case 'M':
                var prefix = data[10..(10 + data[10..].IndexOf((byte)0))];
                Feed.LogicalMessage(prefix, data[(10 + prefix.Length + 1 + 4)..], commit);
                break;
            case 'R':
                Replica.Stream(data, change.Lsn, commit);
                break;
            case 'I' or 'U' or 'D':
                if (Feed.Gate(BinaryPrimitives.ReadUInt32BigEndian(data[1..])).Drops(commit)) DroppedChanges++;
                else Replica.Stream(data, change.Lsn, commit);
                break;
        }
    }
}
