using Cdc.TestSupport;
using Xunit;

namespace Cdc.Proof.Tests;

/// <summary>A sink that ignores null values keeps deleted rows, and the proof sees it.</summary>
public sealed class TombstoneMutationTests(Engine engine)
{
    [Fact]
    public async Task An_ignored_tombstone_leaves_rows_that_the_source_deleted()
    {
        var variant = new ProofVariant { Deliver = messages => [.. messages.Where(m => m.Value is { } value && !value.Span.SequenceEqual("null"u8))] };

        var result = await CorpusProof.RunAsync("flattombstone", variant, engine.Endpoint, TestContext.Current.CancellationToken);

        Assert.Contains(result.Differences, d => d.Table == "franco.sales");
    }
}
