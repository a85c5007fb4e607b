namespace Cdc.Hosting;

/// <summary>The pipelines of a host cannot be made from their settings. The message names every problem of every pipeline, and no value of a secret.</summary>
public sealed class CdcConfigurationException : Exception
{
    /// <summary>Makes the failure.</summary>
    /// <param name="problems">All problems, each with its pipeline's name.</param>
    public CdcConfigurationException(IReadOnlyList<string> problems)
        : base($"Change data capture cannot start:{string.Concat(problems.Select(p => $"{Environment.NewLine}- {p}"))}") => Problems = problems;

    /// <summary>All problems, each with its pipeline's name.</summary>
    public IReadOnlyList<string> Problems { get; }
}
