namespace Cdc;

/// <summary>What a truncate of a source's table does.</summary>
public enum TruncatePolicy
{
    /// <summary>Stops the table and says so. The default.</summary>
    Stop,

    /// <summary>Counts it as skipped and leaves the target's rows.</summary>
    Ignore,
}

/// <summary>How a <see cref="ChangePipeline"/> runs. Read once when the pipeline is made.</summary>
public sealed class PipelineOptions
{
    /// <summary>How long a taken row may wait until it is durable and its position committed. The default is 1 second.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What a truncate does. The default stops the table.</summary>
    public TruncatePolicy Truncate { get; set; } = TruncatePolicy.Stop;

    internal IEnumerable<string> Problems()
    {
        if (FlushInterval <= TimeSpan.Zero) yield return $"{nameof(FlushInterval)} is {FlushInterval}; it must be positive";
        if (!Enum.IsDefined(Truncate)) yield return $"{nameof(Truncate)} is not one of Stop, Ignore";
    }
}
