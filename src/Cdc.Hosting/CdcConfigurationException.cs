using Microsoft.Extensions.Options;

namespace Cdc.Hosting;

/// <summary>The pipelines of a host cannot be made from their settings. The message names every problem of every pipeline, and no value of a secret.</summary>
public sealed class CdcConfigurationException : OptionsValidationException
{
    /// <summary>Makes the failure.</summary>
    /// <param name="problems">All problems, each with its section's path.</param>
    public CdcConfigurationException(IReadOnlyList<string> problems)
        : base("Cdc", typeof(CdcPipelines), problems)
    {
    }

    /// <inheritdoc/>
    public override string Message => $"Change data capture cannot start:{string.Concat(Failures.Select(p => $"{Environment.NewLine}- {p}"))}";
}
