using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class TlsTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Table() => new(database, "t", ["id"], Column("id", ValueKind.Int64), Column("v", ValueKind.String));

    [Fact]
    public async Task A_certificate_under_a_trusted_root_is_accepted()
    {
        await using var front = new TlsFront(engine.Endpoint);
        using var handler = front.Trusting();
        var result = await engine.WriteAsync(o => (o.Endpoint, o.HttpMessageHandler) = (front.Endpoint, handler), Table().Insert(1, "1", "x"));
        Assert.Equal(1, Assert.Single(result.Tables).Applied);
        Assert.True(front.Opened > 0);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        await using var front = new TlsFront(engine.Endpoint, until: DateTimeOffset.UtcNow.AddDays(-1));
        await AssertRefusedAsync(front, trusting: true);
    }

    [Fact]
    public async Task A_certificate_of_another_host_is_refused()
    {
        await using var front = new TlsFront(engine.Endpoint, host: "elsewhere.example");
        await AssertRefusedAsync(front, trusting: true);
    }

    [Fact]
    public async Task A_certificate_under_an_unknown_root_is_refused()
    {
        await using var front = new TlsFront(engine.Endpoint);
        await AssertRefusedAsync(front, trusting: false);
    }

    private async Task AssertRefusedAsync(TlsFront front, bool trusting)
    {
        using var handler = trusting ? front.Trusting() : null;
        var told = new TaskCompletionSource<ClickHouseTableStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var writer = new ClickHouseWriter(engine.Options(o => (o.Endpoint, o.HttpMessageHandler) = (front.Endpoint, handler)));
        writer.StatusChanged += s => told.TrySetResult(s);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(WriterExtensions.Cancel);
        var preparing = writer.PrepareAsync(Table().Insert(1, "1", "x"), stop.Token).AsTask();
        var status = await told.Task.WaitAsync(TimeSpan.FromSeconds(30), WriterExtensions.Cancel);
        Assert.True(status.IsRetrying);
        Assert.Contains("TLS", status.LastError, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => preparing);
        Assert.Equal(0, front.Opened);
    }
}
