using System.Globalization;
using Cdc.Hosting;

namespace FullPipeline;

/// <summary>The boxes of the picture, from the source to the answers.</summary>
internal static class Flow
{
    public static IReadOnlyList<FlowBox> Of(LiveBoard.Parts? parts, CdcPipelineStatus? pipeline, SourceFigures? source, TargetFigures? target, ProducerState? producer, long sourceRate, long rate)
    {
        if (parts is null) return [];
        var stopped = parts.ClickHouse.IsStopped;
        return
        [
            new("PostgreSQL", source is not null, $"{Number(sourceRate)}/s", [$"{Number(source?.Rows.Values.Sum())} rows · {parts.Postgres.Version}", $"WAL {source?.Position ?? "–"}", $"slot keeps {Bytes(source?.RetainedBytes)}"]),
            new(parts.Transport.Producer, producer?.IsRunning ?? false, producer?.State.ToLowerInvariant() ?? "–", [$"{Bytes(source?.UnconfirmedBytes)} unconfirmed", parts.Transport.Slot]),
            new(parts.Transport.Broker, pipeline is { StoppedTopics.Count: 0 }, $"{Number(pipeline?.LagMessages)} waiting", ["4 topics", "JSON of Debezium"]),
            new("Cdc pipeline", pipeline is { State: CdcPipelineState.Running, RetryingSince: null }, $"{Number(rate)}/s", [Seconds(pipeline?.Lag) + " behind", $"{Number(pipeline?.Messages)} messages", $"{Number(pipeline?.Tables.Sum(t => t.DeadLettered))} of them dead letters"]),
            new("ClickHouse", target is not null && !stopped && pipeline?.RetryingSince is null, stopped ? "stopped" : $"{Number(target?.Tables.Values.Sum(t => t.Rows))} rows", [$"{Number(target?.Parts)} parts · {Bytes(target?.Bytes)}", pipeline?.LastFlush is { } last ? $"last flush {last:HH:mm:ss}" : "no flush yet"]),
        ];
    }

    private static string Number(long? number) => number is { } known ? known.ToString("N0", CultureInfo.InvariantCulture) : "–";

    private static string Seconds(TimeSpan? time) => time is { } known ? known.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s" : "–";

    private static string Bytes(long? bytes) => bytes switch
    {
        null => "–",
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB"),
    };
}
