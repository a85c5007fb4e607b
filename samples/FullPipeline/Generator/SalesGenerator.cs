using System.Threading.Channels;
using Npgsql;

namespace FullPipeline;

/// <summary>Changes the sales database without end: a steady mix, and when asked a burst or a row that ClickHouse refuses.</summary>
internal sealed class SalesGenerator : IAsyncDisposable
{
    public const int BurstChanges = 10_000;
    private static readonly TimeSpan PoisonLife = TimeSpan.FromSeconds(12);
    private readonly NpgsqlDataSource data;
    private readonly Workload workload;
    private readonly TimeProvider time;
    private readonly Channel<string> wishes = Channel.CreateBounded<string>(16);
    private readonly double rate;
    private int pending;
    private long? healAt;

    /// <param name="connection">The database.</param>
    /// <param name="rate">Changes a second; 0 makes none by itself.</param>
    /// <param name="seed">The same seed makes the same people and prices.</param>
    /// <param name="time">The clock.</param>
    public SalesGenerator(NpgsqlConnectionStringBuilder connection, double rate, int seed, TimeProvider time)
    {
        (this.rate, this.time) = (rate, time);
        // A crash of the server may lose the generator's last transactions, whole ones; what was sent on is on disk.
        data = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Options = "-c synchronous_commit=off", MaxAutoPrepare = 40, ApplicationName = "generator" }.ConnectionString);
        workload = new Workload(data, new SalesFaker(seed, time));
    }

    public Task PrepareAsync(CancellationToken cancellationToken) => workload.PrepareAsync(cancellationToken);

    /// <summary>Runs until it is stopped. A database that is away is waited for.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var listening = ListenAsync(cancellationToken);
        while (true)
        {
            try
            {
                await ChangeAsync(cancellationToken);
            }
            catch (NpgsqlException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
                await RelearnAsync(cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => data.DisposeAsync();

    private async Task ChangeAsync(CancellationToken cancellationToken)
    {
        await workload.HealAsync(cancellationToken);
        var last = time.GetTimestamp();
        var owed = 0.0;
        while (true)
        {
            var now = time.GetTimestamp();
            owed = Math.Min(owed + rate * time.GetElapsedTime(last, now).TotalSeconds, Math.Max(1, rate * 5)); // after a halt it catches up five seconds' worth
            last = now;
            await ObeyAsync(cancellationToken);
            if (pending > 0) pending -= await workload.ChangeAsync(500, cancellationToken);
            else if (owed >= 1) owed -= await workload.ChangeAsync((int)Math.Clamp(owed, 1, 100), cancellationToken);
            if (pending <= 0 && owed < Math.Max(1, rate / 25)) await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    private async Task ObeyAsync(CancellationToken cancellationToken)
    {
        while (wishes.Reader.TryRead(out var wish))
        {
            if (wish == SalesControl.Burst) pending = Math.Max(0, pending) + BurstChanges;
            if (wish != SalesControl.Poison || healAt is not null) continue;
            await workload.PoisonAsync(cancellationToken);
            healAt = time.GetTimestamp() + (long)(PoisonLife.TotalSeconds * time.TimestampFrequency);
        }

        if (healAt is null || time.GetTimestamp() < healAt) return;
        await workload.HealAsync(cancellationToken);
        healAt = null;
    }

    /// <summary>Wishes come as notifications, so that the page and the generator may be two services.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await using var connection = await data.OpenConnectionAsync(cancellationToken);
                connection.Notification += (_, wish) => wishes.Writer.TryWrite(wish.Payload);
                await using (var listen = new NpgsqlCommand($"LISTEN {SalesControl.Channel}", connection)) await listen.ExecuteNonQueryAsync(cancellationToken);
                while (true) await connection.WaitAsync(cancellationToken);
            }
            catch (NpgsqlException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }

    private async Task RelearnAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await workload.PrepareAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }
}
