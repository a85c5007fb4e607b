namespace Cdc.ClickHouse.Tests.Support;

internal static class WriterExtensions
{
    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A database that no other test uses.</summary>
    public static string NewDatabase() => $"w_{Guid.NewGuid():N}"[..20];

    public static ClickHouseOptions Options(this EngineFixture engine, Action<ClickHouseOptions>? set = null)
    {
        var options = new ClickHouseOptions { Endpoint = engine.Endpoint };
        options.Retry.MinDelay = TimeSpan.FromMilliseconds(5);
        options.Retry.MaxDelay = TimeSpan.FromMilliseconds(40);
        set?.Invoke(options);
        return options;
    }

    /// <summary>Appends as the pipeline does.</summary>
    public static async Task AppendAsync(this ClickHouseWriter writer, params ChangeEvent[] changes)
    {
        foreach (var change in changes)
        {
            while (!writer.TryAppend(change)) await writer.PrepareAsync(change, Cancel);
        }
    }

    /// <summary>Appends and flushes; nothing may be refused or held.</summary>
    public static async Task<FlushResult> WriteAsync(this ClickHouseWriter writer, params ChangeEvent[] changes)
    {
        await writer.AppendAsync(changes);
        var result = await writer.FlushAsync(Cancel);
        Assert.Empty(result.Stopped.Select(s => s.Cause.Message));
        Assert.Empty(result.Rejected.Select(r => r.Detail));
        return result;
    }

    /// <summary>Writes with a writer of its own.</summary>
    public static async Task<FlushResult> WriteAsync(this EngineFixture engine, Action<ClickHouseOptions>? set, params ChangeEvent[] changes)
    {
        await using var writer = new ClickHouseWriter(engine.Options(set));
        return await writer.WriteAsync(changes);
    }

    /// <summary>Waits for a state, not for a time.</summary>
    public static async Task UntilAsync(Func<bool> reached)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!reached())
        {
            Assert.True(DateTime.UtcNow < deadline, "the state was not reached in 30 s");
            await Task.Delay(5, Cancel);
        }
    }
}
