using System.Text.Json;
using Cdc.TestSupport;
using Xunit;

namespace Cdc.Proof.Tests;

/// <summary>The orders that others sort rows by give wrong rows on the same histories: so the proof sees a wrong version.</summary>
public sealed class VersionSchemeTests(Engine engine)
{
    [Theory]
    [InlineData("histories-2")]
    [InlineData("histories-3")]
    public async Task The_LSN_alone_gives_wrong_rows(string name)
    {
        var wrong = await WrongAsync(name, source => source.TryGetProperty("lsn", out var lsn) && lsn.ValueKind == JsonValueKind.Number ? lsn.GetUInt64() : 0);

        Assert.Contains(wrong, d => d.Table == "h.race");
        Assert.Contains(wrong, d => d.Table == "h.consistent");
    }

    [Fact]
    public async Task The_time_of_the_commit_gives_wrong_rows()
    {
        var wrong = new List<Difference>();
        foreach (var name in new[] { "histories-2", "histories-3" }) wrong.AddRange(await WrongAsync(name, source => source.GetProperty("ts_ms").GetUInt64()));

        Assert.NotEmpty(wrong);
    }

    private async Task<IReadOnlyList<Difference>> WrongAsync(string name, Func<JsonElement, ulong> order)
    {
        var variant = new ProofVariant { Version = message => new RowVersion(0, Order(message, order), 0, RowVersion.ChangeRank) };
        var result = await CorpusProof.RunAsync(name, variant, engine.Endpoint, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(result.ToString());
        return result.Differences;
    }

    private static ulong Order(SourceMessage message, Func<JsonElement, ulong> order)
    {
        using var document = JsonDocument.Parse(message.Value!.Value);
        var root = document.RootElement;
        return order((root.TryGetProperty("payload", out var payload) ? payload : root).GetProperty("source"));
    }
}
