namespace Cdc;

/// <summary>What a truncate of a source's table does.</summary>
public enum TruncatePolicy
{
    /// <summary>Stops the table and says so. The default.</summary>
    Stop,

    /// <summary>Counts it as skipped and leaves the target's rows.</summary>
    Ignore,

    /// <summary>Removes every row that is older than the truncate, in the order of versions, whenever it arrives.</summary>
    Apply,
}

/// <summary>How a <see cref="ChangePipeline"/> runs. Read once when the pipeline is made.</summary>
public sealed class PipelineOptions
{
    /// <summary>How long a taken row may wait until it is durable and its position committed. The default is 1 second.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What a truncate does. The default stops the table.</summary>
    public TruncatePolicy Truncate { get; set; } = TruncatePolicy.Stop;

    /// <summary>
    /// How many messages of one table may go to the dead letters in a row before the table stops: a wrong setting must not copy a whole topic there.
    /// The default is 1,000.
    /// </summary>
    public int MaxDeadLettersInARow { get; set; } = 1_000;

    /// <summary>
    /// How long a cancelled run may take to make durable and commit what it took. What is not done by then is not committed and comes again.
    /// The default is 25 seconds, below the 30 that orchestrators usually give.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>The longest wait between two tries of what failed transiently (commits, the ledger, dead letters). The default is 5 seconds: each is one small request.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    internal IEnumerable<string> Problems()
    {
        if (FlushInterval <= TimeSpan.Zero) yield return $"{nameof(FlushInterval)} is {FlushInterval}; it must be positive";
        if (MaxDeadLettersInARow < 1) yield return $"{nameof(MaxDeadLettersInARow)} is {MaxDeadLettersInARow}; it must be at least 1";
        if (ShutdownTimeout < TimeSpan.Zero) yield return $"{nameof(ShutdownTimeout)} is {ShutdownTimeout}; it must not be negative";
        if (MaxRetryDelay <= TimeSpan.Zero) yield return $"{nameof(MaxRetryDelay)} is {MaxRetryDelay}; it must be positive";
        if (!Enum.IsDefined(Truncate)) yield return $"{nameof(Truncate)} is not one of Stop, Ignore, Apply";
    }
}
