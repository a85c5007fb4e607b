using Cdc.TestSupport;
using Xunit;

namespace Cdc.Proof.Tests;

/// <summary>
/// What real Debezium sent, applied on the real engine, is what the source held: value by value, for every configuration,
/// however it is delivered. Exceptions are computed from the source's truth (see <c>Expectation</c>).
/// </summary>
public sealed class CorpusTests(Engine engine)
{
    private static readonly string[] Configurations = ["plain", "schema", "seed", "strings", "full", "flat", "flattombstone", "flatdropped", "routedall"];

    public static TheoryData<string> Names => [.. Configurations, "histories-2", "histories-3"];

    public static TheoryData<string, int> NamesAndSeeds
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var name in Configurations) data.Add(name, 1 + data.Count);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public Task What_was_captured_equals_the_source(string name) => ProveAsync(name, new ProofVariant());

    [Theory]
    [MemberData(nameof(NamesAndSeeds))]
    public Task Everything_sent_twice_changes_nothing(string name, int seed) =>
        ProveAsync(name, new ProofVariant { Deliver = Delivery.Twice, MaxBlockRows = new Random(seed).Next(50, 5000) });

    [Theory]
    [MemberData(nameof(Names))]
    public Task Everything_again_by_a_new_process_changes_nothing(string name) => ProveAsync(name, new ProofVariant { Processes = 2 });

    [Theory]
    [InlineData("plain", 650)]
    [InlineData("flattombstone", 300)]
    public Task Merges_and_new_processes_in_between_change_nothing(string name, int messages) => ProveAsync(name, new ProofVariant { MessagesUntilMerge = messages });

    [Theory]
    [MemberData(nameof(NamesAndSeeds))]
    public Task Suffixes_sent_again_change_nothing(string name, int seed) =>
        ProveAsync(name, new ProofVariant { Deliver = Delivery.SuffixesAgain(seed) });

    [Theory]
    [MemberData(nameof(NamesAndSeeds))]
    public Task Partitions_interleaved_and_blocks_cut_elsewhere_change_nothing(string name, int seed) =>
        ProveAsync(name, new ProofVariant { Deliver = Delivery.Interleaved(seed), MaxBlockRows = new Random(seed).Next(1, 300), BatchSize = 37 });

    [Theory]
    [MemberData(nameof(NamesAndSeeds))]
    public Task Two_writers_at_once_change_nothing(string name, int seed) =>
        ProveAsync(name, new ProofVariant { TwoWriters = true, Seed = seed });

    [Theory]
    [InlineData("plain", 11)]
    [InlineData("schema", 12)]
    [InlineData("full", 13)]
    [InlineData("routedall", 14)]
    public Task Any_order_at_all_changes_nothing(string name, int seed) =>
        ProveAsync(name, new ProofVariant { Deliver = Delivery.Shuffled(seed, NeedsItsPredecessor), FixedEpoch = true });

    [Theory]
    [InlineData("histories-2", 21)]
    [InlineData("histories-3", 22)]
    public Task Races_snapshots_and_crashes_in_any_order_change_nothing(string name, int seed) =>
        ProveAsync(name, new ProofVariant { Deliver = Delivery.Shuffled(seed, _ => false), FixedEpoch = true, MaxBlockRows = 5000 });

    [Theory]
    [InlineData("histories-2", 31)]
    [InlineData("histories-3", 32)]
    public Task Races_snapshots_and_crashes_under_two_writers_change_nothing(string name, int seed) =>
        ProveAsync(name, new ProofVariant { Deliver = Delivery.Interleaved(seed), TwoWriters = true, Seed = seed });

    // Rows that lean on what the target holds need Kafka's order per key: unchanged TOAST values and columns that a message does not carry.
    private static bool NeedsItsPredecessor(SourceMessage message) =>
        message.Topic.EndsWith(".ident.toast", StringComparison.Ordinal)
        || message.Topic.EndsWith(".types.defaults", StringComparison.Ordinal)
        || message.Topic.EndsWith(".evo.t", StringComparison.Ordinal)
        || message.Topic.EndsWith(".all.t", StringComparison.Ordinal);

    private async Task ProveAsync(string name, ProofVariant variant)
    {
        var result = await CorpusProof.RunAsync(name, variant, engine.Endpoint, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(result.ToString());
        Assert.True(result.Differences.Count == 0, result.ToString());
        Assert.True(result.Rows > 0 && result.Exact > result.Rows, result.ToString());
    }
}
