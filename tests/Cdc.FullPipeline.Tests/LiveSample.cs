using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

[assembly: AssemblyFixture(typeof(Cdc.FullPipeline.Tests.LiveSample))]

namespace Cdc.FullPipeline.Tests;

/// <summary>A live run of the sample that the tests share: all of it in one process; and one against a real Kafka and a real Debezium, where these are to be had.</summary>
public sealed class LiveSample : IAsyncLifetime
{
    private readonly Run embedded = new();
    private readonly Run kafka = new();

    public static bool IsLong => Environment.GetEnvironmentVariable("FULLPIPELINE_LONG") == "1";

    public Task<SampleProcess> StartAsync(bool withKafka = false) => withKafka ? kafka.StartAsync(KafkaStack.FindAsync) : embedded.StartAsync(_ => Task.FromResult<(KafkaStack?, string?)>((null, null)));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await embedded.DisposeAsync();
        await kafka.DisposeAsync();
    }

    internal static async Task<JsonElement> UntilAsync(SampleProcess sample, Func<JsonElement, bool> holds, TimeSpan time, string what)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var status = await sample.StatusAsync();
            if (holds(status)) return status;
            Assert.True(clock.Elapsed < time, string.Create(CultureInfo.InvariantCulture, $"{what}: not within {time}.\n{status}\n{sample.Output}\n{sample.Errors}"));
            await Task.Delay(200);
        }
    }

    /// <summary>Whether source and target were compared after a moment, and everything was equal.</summary>
    internal static bool IsEqualSince(JsonElement status, DateTimeOffset moment)
    {
        var comparison = status.GetProperty("comparison");
        return comparison.GetProperty("at").GetDateTimeOffset() > moment
            && comparison.GetProperty("answers").EnumerateArray().All(a => a.GetProperty("verdict").GetString() == "Equal")
            && comparison.GetProperty("tables").EnumerateArray().All(t => t.GetProperty("isEqual").GetBoolean());
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly DirectoryInfo folder = SampleProcess.NewFolder("full-pipeline-live-");
        private readonly SemaphoreSlim turn = new(1, 1);
        private SampleProcess? sample;
        private KafkaStack? stack;
        private string? missing;

        public async Task<SampleProcess> StartAsync(Func<CancellationToken, Task<(KafkaStack?, string?)>> find)
        {
            await turn.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                if (sample is null && missing is null) await BeginAsync(find);
            }
            finally
            {
                turn.Release();
            }

            Assert.SkipWhen(missing is not null, missing ?? "");
            return sample!;
        }

        public async ValueTask DisposeAsync()
        {
            if (sample is not null) await sample.DisposeAsync();
            if (stack is not null) await stack.ForgetAsync($"sales-{await File.ReadAllTextAsync(Path.Combine(folder.FullName, "id"))}");
            folder.Delete(recursive: true);
            turn.Dispose();
        }

        private async Task BeginAsync(Func<CancellationToken, Task<(KafkaStack?, string?)>> find)
        {
            (stack, missing) = await find(TestContext.Current.CancellationToken);
            if (missing is not null) return;
            var clock = Stopwatch.StartNew();
            sample = SampleProcess.Start(stack?.Environment, "--port", "0", "--data", folder.FullName, "--rate", IsLong ? "2000" : "100");
            await sample.PageAsync();
            await UntilAsync(sample, s => s.GetProperty("state").GetString() == "Streaming" && IsEqualSince(s, DateTimeOffset.UnixEpoch), TimeSpan.FromMinutes(2), "the sample streams and everything is equal");
            TestContext.Current.SendDiagnosticMessage($"live and equal after {clock.Elapsed.TotalSeconds:0} s");
        }
    }
}
