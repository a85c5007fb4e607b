using System.Diagnostics;
using System.Globalization;
using Cdc.ClickHouse.Embedded;

namespace Cdc.EndToEnd.Tests;

/// <summary>PostgreSQL → Debezium → Kafka → this library → ClickHouse, all of them real, while parts of it die.</summary>
[Collection("one at a time: they kill what they share")]
public sealed class ChaosTests(RealParts stack, ITestOutputHelper output)
{
    private static readonly string[] Points = ["decode:150", "append:120", "half-body:1", "answered:1", "answered:2", "flush:1", "before-ledger:1", "before-commit:1", "after-commit:1", "letter-sent:1", "letter-kept:1"];

    // The long form: CDC_CHAOS_KILLS=100.
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("CDC_CHAOS_KILLS") is not null;

    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("CDC_CHAOS_KILLS") ?? "12", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Whatever_dies_and_when_nothing_is_committed_that_is_not_stored_and_in_the_end_every_table_equals_the_source()
    {
        Assert.SkipWhen(stack.Missing is not null, stack.Missing ?? "");
        await using var feed = await Feed.StartAsync(stack, seed: 7);
        var committed = new Committed(stack, feed);
        var random = new Random(7);
        var died = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        for (var kill = 0; kill < Kills; kill++)
        {
            var point = kill % 4 == 3 ? "never:0" : Points[kill % Points.Length];
            using var process = new PipelineProcess(stack, feed.Group, feed.Topics, point);
            var byItself = await process.WaitOrKillAsync(point == "never:0" ? TimeSpan.FromMilliseconds(random.Next(800, 4000)) : TimeSpan.FromSeconds(20));
            Count(byItself ? point.Split(':')[0] : "at random");

            var lost = await committed.LostAsync();
            Assert.True(lost.Count == 0, $"after kill {kill} ({point}), committed and not stored: {string.Join(", ", lost.Take(5))}\n{string.Join('\n', process.Lines)}");
            // Connect after the broker: its task may outlive the broker as a zombie that holds the slot, and only a new worker gets rid of that.
            if (kill % 24 == 5) await KillPartAsync("kafka");
            if (kill % 24 == 9) await KillPartAsync("connect");
        }

        await feed.StopAsync();
        await feed.AssertEqualAsync(stack);
        output.WriteLine($"{Kills} kills ({string.Join(", ", died.Select(d => $"{d.Value} {d.Key}"))}), {feed.Statements} statements, {committed.Rows} committed rows looked at, {committed.DeadLetters} dead letters, {clock.Elapsed.TotalSeconds:F0} s");
        Assert.True(died.Keys.Count > 4, "the named points were passed");
        Assert.True(committed.DeadLetters > 0, "rows that cannot be held were sent");

        // The process lives on beside it, and is killed after it.
        async Task KillPartAsync(string part)
        {
            if (!stack.Kafka.MayBeKilled) return;
            using var process = new PipelineProcess(stack, feed.Group, feed.Topics);
            await Task.Delay(random.Next(500, 3000), TestContext.Current.CancellationToken);
            await stack.Kafka.KillAsync(part);
            await stack.Kafka.UpAsync();
            await process.KillAsync();
            Count($"{part} killed");
            var lost = await committed.LostAsync();
            Assert.True(lost.Count == 0, $"after the kill of {part}, committed and not stored: {string.Join(", ", lost.Take(5))}\n{string.Join('\n', process.Lines)}");
        }

        void Count(string what) => died[what] = died.GetValueOrDefault(what) + 1;
    }

    [Fact]
    public async Task Members_that_join_and_leave_a_group_all_the_time_leave_equal_tables()
    {
        Assert.SkipWhen(stack.Missing is not null, stack.Missing ?? "");
        await using var feed = await Feed.StartAsync(stack, seed: 8);
        var random = new Random(8);
        var seconds = IsLong ? 120 : 12;
        var members = new List<PipelineProcess> { new(stack, feed.Group, feed.Topics) };
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < seconds;)
        {
            members.Add(new PipelineProcess(stack, feed.Group, feed.Topics));
            await Task.Delay(random.Next(700, 1500), TestContext.Current.CancellationToken);
            if (members.Count < 3) continue;
            using var leaving = members[0];
            members.RemoveAt(0);
            await leaving.KillAsync();
        }

        foreach (var member in members) member.Dispose();
        await feed.StopAsync();
        await feed.AssertEqualAsync(stack);
    }

    [Fact]
    public async Task A_process_that_freezes_in_an_insert_and_wakes_when_another_has_taken_over_changes_nothing()
    {
        Assert.SkipWhen(stack.Missing is not null, stack.Missing ?? "");
        await using var feed = await Feed.StartAsync(stack, seed: 10);
        using var zombie = new PipelineProcess(stack, feed.Group, feed.Topics, "half-body:3:freeze");
        await RealParts.UntilAsync(() => Task.FromResult(zombie.Lines.Contains("frozen")), TimeSpan.FromMinutes(1), "it freezes");
        using var next = new PipelineProcess(stack, feed.Group, feed.Topics);
        await RealParts.UntilAsync(() => Task.FromResult(next.Lines.Any(l => l.StartsWith("Assigned", StringComparison.Ordinal))), TimeSpan.FromMinutes(1), "the other takes over");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken); // one more session timeout of work that the zombie knows nothing of
        await zombie.WakeAsync();
        await RealParts.UntilAsync(() => Task.FromResult(zombie.Lines.Any(l => l.StartsWith("Lost", StringComparison.Ordinal))), TimeSpan.FromMinutes(1), "the zombie learns that its partitions are lost");
        await feed.StopAsync();
        await zombie.KillAsync();
        await next.KillAsync();
        await feed.AssertEqualAsync(stack);
    }

    [Fact]
    public async Task While_ClickHouse_is_away_memory_stays_within_its_budget_and_the_group_keeps_its_member_and_then_it_catches_up()
    {
        Assert.SkipWhen(stack.Missing is not null, stack.Missing ?? "");
        const long budget = (64L << 20) + 256_000_000;
        var away = IsLong ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(20);
        var folder = Directory.CreateTempSubdirectory("cdc-e2e-").FullName;
        await using var feed = await Feed.StartAsync(stack, seed: 9);
        var first = await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { DataFolder = folder, IgnoreClickHouseUrl = true }, TestContext.Current.CancellationToken);
        var endpoint = first.Endpoint;
        using var process = new PipelineProcess(stack, feed.Group, feed.Topics, clickHouse: endpoint);
        await RealParts.UntilAsync(async () => await stack.QueryAsync($"EXISTS TABLE {feed.Name}.t4", endpoint) == "1", TimeSpan.FromMinutes(2), "rows arrive");
        var before = process.Memory;

        await first.KillAsync();
        var most = 0L;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < away;)
        {
            most = Math.Max(most, process.Memory);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await using var second = await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { DataFolder = folder, Port = endpoint.Port, IgnoreClickHouseUrl = true }, TestContext.Current.CancellationToken);
        await feed.StopAsync();
        await RealParts.UntilAsync(() => Task.FromResult(process.HasEnded || Committed.Lag(stack, feed.Group, feed.TopicNames) == 0), TimeSpan.FromMinutes(2), "the same process catches up");

        Assert.False(process.HasEnded, string.Join('\n', process.Lines));
        Assert.Single(process.Lines, l => l.StartsWith("Assigned", StringComparison.Ordinal));
        Assert.DoesNotContain(process.Lines, l => l.StartsWith("Revoked", StringComparison.Ordinal) || l.StartsWith("Lost", StringComparison.Ordinal));
        await process.KillAsync();
        await feed.AssertEqualAsync(stack, endpoint);
        output.WriteLine($"away for {away.TotalSeconds:F0} s, {feed.Statements} statements; memory {before >> 20} MB before, at most {most >> 20} MB meanwhile");
        Assert.True(most < before + budget + (150L << 20), $"{most >> 20} MB");
        await second.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
