using System.Collections.Immutable;
using Cdc.Hosting.Internal;

namespace Cdc.Hosting;

/// <summary>How the host's pipelines fare. Safe to read from anywhere, at any time.</summary>
public sealed class CdcPipelines
{
    private ImmutableSortedDictionary<string, StatusBoard> boards = ImmutableSortedDictionary.Create<string, StatusBoard>(StringComparer.Ordinal);

    internal CdcPipelines()
    {
    }

    /// <summary>The state of every pipeline now, by name.</summary>
    public IReadOnlyList<CdcPipelineStatus> Status => [.. boards.Values.Select(b => b.Status)];

    internal IEnumerable<StatusBoard> Boards => boards.Values;

    internal void Add(StatusBoard board) => ImmutableInterlocked.Update(ref boards, (all, one) => all.SetItem(one.Name, one), board);
}
