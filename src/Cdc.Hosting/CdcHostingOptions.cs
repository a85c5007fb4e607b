namespace Cdc.Hosting;

/// <summary>How a host treats a pipeline.</summary>
public sealed class CdcHostingOptions
{
    /// <summary>
    /// Whether the host stops when the pipeline fails and waiting would not help. The default is false: the pipeline starts again after a while.
    /// A failure that is transient never stops the host.
    /// </summary>
    public bool StopHostOnFailure { get; set; }

    /// <summary>The wait before the first restart after a failure; it doubles up to <see cref="MaxRestartDelay"/>. The default is 5 seconds.</summary>
    public TimeSpan RestartDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait before a restart. The default is 2 minutes.</summary>
    public TimeSpan MaxRestartDelay { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long something may be tried again, or the last flush be past, before the pipeline is not ready. The default is 1 minute.
    /// A <see cref="PipelineOptions.FlushInterval"/> above half of it counts twice instead.
    /// </summary>
    public TimeSpan ReadyWithin { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether positions and the reader's state are kept in a ledger in ClickHouse. The default is true; without it epochs do not survive a restart.</summary>
    public bool Ledger { get; set; } = true;

    /// <summary>
    /// Bytes of log that PostgreSQL may keep for the pipeline's slot before the pipeline is degraded, for <see cref="CdcBuilder.FromPostgres"/>. The default is 10 GiB.
    /// Where <c>max_slot_wal_keep_size</c> is set, less than a fifth of it left counts too.
    /// </summary>
    public long MaxRetainedBytes { get; set; } = 10L << 30;

    internal IEnumerable<string> Problems()
    {
        if (RestartDelay <= TimeSpan.Zero) yield return $"{nameof(RestartDelay)} is {RestartDelay}; it must be positive";
        if (MaxRestartDelay < RestartDelay) yield return $"{nameof(MaxRestartDelay)} is {MaxRestartDelay}; it must be at least {nameof(RestartDelay)}";
        if (MaxRetainedBytes <= 0) yield return $"{nameof(MaxRetainedBytes)} is {MaxRetainedBytes}; it must be positive";
        if (ReadyWithin <= TimeSpan.Zero) yield return $"{nameof(ReadyWithin)} is {ReadyWithin}; it must be positive";
    }
}
