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

    /// <summary>Reads the rows of a table again, beside its changes and without a lock, where a pipeline reads from PostgreSQL.</summary>
    /// <param name="pipeline">The pipeline's name.</param>
    /// <param name="schema">The table's schema.</param>
    /// <param name="table">The table's name.</param>
    /// <returns>False when there is no such pipeline, it does not run, or its source cannot read the table's rows now.</returns>
    public bool TryRepeatSnapshot(string pipeline, string schema, string table) => boards.TryGetValue(pipeline, out var board) && board.TryRepeatSnapshot(schema, table);

    internal IEnumerable<StatusBoard> Boards => boards.Values;

    internal void Add(StatusBoard board) => ImmutableInterlocked.Update(ref boards, (all, one) => all.SetItem(one.Name, one), board);
}
