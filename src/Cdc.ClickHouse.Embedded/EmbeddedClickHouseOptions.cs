namespace Cdc.ClickHouse.Embedded;

/// <summary>How <see cref="EmbeddedClickHouse.StartAsync"/> starts an engine.</summary>
public sealed class EmbeddedClickHouseOptions
{
    /// <summary>
    /// Where the engine keeps its data. One engine at a time may use a folder. The default, null, is a temporary folder
    /// that goes with the engine.
    /// </summary>
    public string? DataFolder { get; set; }

    /// <summary>The loopback port to listen on. The default, 0, is any free one.</summary>
    public int Port { get; set; }

    /// <summary>
    /// Where the native library (570 MB) is kept between runs. The default, null, is <c>CDC_CHDB_HOME</c>, else a folder
    /// <c>cdc/chdb-VERSION</c> in <c>XDG_CACHE_HOME</c> or <c>~/.cache</c>.
    /// </summary>
    public string? CacheFolder { get; set; }

    /// <summary>How long the engine may take to start, without the time to fetch it. The default is one minute.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the engine may take to close its tables before it is killed. The default is 15 seconds.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Starts an engine even when <c>CLICKHOUSE_URL</c> names a server. The default is false.</summary>
    public bool IgnoreClickHouseUrl { get; set; }

    /// <summary>Hears what happens while the engine is fetched and started, in words for a person.</summary>
    public IProgress<string>? Progress { get; set; }

    internal IEnumerable<string> Problems()
    {
        if (DataFolder is not null && string.IsNullOrWhiteSpace(DataFolder)) yield return $"{nameof(DataFolder)} is empty";
        if (CacheFolder is not null && string.IsNullOrWhiteSpace(CacheFolder)) yield return $"{nameof(CacheFolder)} is empty";
        if (Port is < 0 or > 65535) yield return $"{nameof(Port)} is {Port}; it must be between 0 and 65535";
        if (StartTimeout <= TimeSpan.Zero) yield return $"{nameof(StartTimeout)} is {StartTimeout}; it must be positive";
        if (StopTimeout <= TimeSpan.Zero) yield return $"{nameof(StopTimeout)} is {StopTimeout}; it must be positive";
    }

    internal void Check()
    {
        var problems = Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException(string.Join("; ", problems));
    }
}
