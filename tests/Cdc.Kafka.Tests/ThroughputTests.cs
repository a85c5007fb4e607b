using System.Diagnostics;
using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

/// <summary>Measures, on request only: <c>dotnet run -c Release --project tests/Cdc.Kafka.Tests -- -explicit only -class '*ThroughputTests' -showLiveOutput</c>.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private const int Partitions = 40, Each = 5400, Size = 854, Total = Partitions * Each;

    [Fact(Explicit = true)]
    public async Task Messages_from_the_mock_broker_in_this_process()
    {
        using var cluster = new MockCluster();
        cluster.Create("t", Partitions);
        Topics.Fill(cluster.BootstrapServers, "t", Partitions, Each, size: Size);
        for (var run = 0; run < 4; run++)
        {
            Measure("raw Consume, byte[]", () => ConsumeRaw(cluster.BootstrapServers, $"raw{run}"));
            await MeasureAsync("KafkaChangeSource", () => ReadAsync(cluster.BootstrapServers, $"source{run}"));
        }
    }

    private static double ConsumeRaw(string servers, string group)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig { BootstrapServers = servers, GroupId = group, EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest, CheckCrcs = true, IsolationLevel = IsolationLevel.ReadCommitted }).Build();
        consumer.Subscribe("t");
        var (count, first) = (0, 0L);
        while (count < Total)
        {
            if (consumer.Consume(100) is null) continue;
            if (count++ == 0) first = Stopwatch.GetTimestamp();
        }

        return Stopwatch.GetElapsedTime(first).TotalSeconds;
    }

    private static async Task<double> ReadAsync(string servers, string group)
    {
        var options = Topics.Options(servers, group, "t");
        options.MaxBufferedBytes = 512 << 20;
        await using var source = new KafkaChangeSource(options);
        var (count, first) = (0, 0L);
        await foreach (var batch in source.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (count == 0 && batch.Messages.Length > 0) first = Stopwatch.GetTimestamp();
            if ((count += batch.Messages.Length) == Total) return Stopwatch.GetElapsedTime(first).TotalSeconds;
        }

        throw new InvalidOperationException("the source ended");
    }

    private void Measure(string what, Func<double> run) => MeasureAsync(what, () => Task.FromResult(run())).GetAwaiter().GetResult();

    /// <summary>The run gives the seconds from the first message to the last.</summary>
    private async Task MeasureAsync(string what, Func<Task<double>> run)
    {
        var (allocated, cpu) = (GC.GetTotalAllocatedBytes(true), Environment.CpuUsage.TotalTime);
        var seconds = await run();
        output.WriteLine($"{what}: {Total / seconds / 1e6:0.00} M msg/s, {(Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / Total:0} ns CPU/msg (broker included), {(GC.GetTotalAllocatedBytes(true) - allocated) / Total} B/msg");
    }
}
