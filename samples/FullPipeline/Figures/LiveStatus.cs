using System.Text.Json.Serialization;

namespace FullPipeline;

/// <summary>Whether it is fine, in one word.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LiveState>))]
public enum LiveState
{
    /// <summary>Parts are being started.</summary>
    Starting,

    /// <summary>Changes arrive as they are made.</summary>
    Streaming,

    /// <summary>Changes arrive, but behind the source.</summary>
    CatchingUp,

    /// <summary>ClickHouse is away; changes wait in the broker.</summary>
    Paused,

    /// <summary>Something needs a person.</summary>
    Attention,
}

/// <summary>One table in source and target.</summary>
/// <param name="Name">The table.</param>
/// <param name="Source">Its rows in PostgreSQL.</param>
/// <param name="Target">The rows that ClickHouse shows (FINAL).</param>
/// <param name="LastChange">When the source committed the newest change that ClickHouse has.</param>
/// <param name="Applied">Changes made durable since the sample started.</param>
/// <param name="DeadLettered">Changes among the dead letters since then.</param>
/// <param name="Stopped">Why the table takes no more changes, or null.</param>
public sealed record LiveTable(string Name, long? Source, long? Target, DateTimeOffset? LastChange, long Applied, long DeadLettered, string? Stopped)
{
    public long? Difference => Source - Target;
}

/// <summary>A box of the picture.</summary>
/// <param name="Name">What it is.</param>
/// <param name="IsFine">Whether it works.</param>
/// <param name="Figure">Its most telling figure.</param>
/// <param name="Notes">More of them.</param>
public sealed record FlowBox(string Name, bool IsFine, string Figure, IReadOnlyList<string> Notes);

/// <summary>What the page shows and /status.json says.</summary>
public sealed record LiveStatus(
    LiveState State, string Detail, DateTimeOffset Since, long? LagEvents, double? LagSeconds, long Rate, DateTimeOffset? LastFlush, long DeadLetters, string? LastError,
    IReadOnlyList<FlowBox> Flow, IReadOnlyList<LiveTable> Tables, Comparison Comparison, string? ComparisonProblem, IReadOnlyList<RecentChange> Changes, IReadOnlyList<LetterNote> Letters,
    bool CanStopClickHouse, bool IsClickHouseStopped, string? Endpoint);
