using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Internal;

/// <summary>Everything that is logged. No value of a row and no secret is among the arguments.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Pipeline {Pipeline} runs")]
    public static partial void Started(ILogger logger, string pipeline);

    [LoggerMessage(2, LogLevel.Information, "Pipeline {Pipeline} stopped; what it took is durable and committed, or comes again")]
    public static partial void Stopped(ILogger logger, string pipeline);

    [LoggerMessage(3, LogLevel.Information, "Pipeline {Pipeline} is complete: its source ended")]
    public static partial void Completed(ILogger logger, string pipeline);

    [LoggerMessage(4, LogLevel.Error, "Pipeline {Pipeline} failed and starts again in {Delay}")]
    public static partial void Failed(ILogger logger, string pipeline, TimeSpan delay, Exception failure);

    [LoggerMessage(5, LogLevel.Warning, "Pipeline {Pipeline}: {Warning}")]
    public static partial void Warning(ILogger logger, string pipeline, string warning);

    [LoggerMessage(10, LogLevel.Error, "Pipeline {Pipeline}: table {Table} is stopped: {Reason}")]
    public static partial void TableStopped(ILogger logger, string pipeline, TableId table, string reason);

    [LoggerMessage(11, LogLevel.Warning, "Pipeline {Pipeline}: table {Table} waits and tries again: {Error}")]
    public static partial void TableRetries(ILogger logger, string pipeline, TableId table, string error);

    [LoggerMessage(12, LogLevel.Information, "Pipeline {Pipeline}: table {Table} goes on")]
    public static partial void TableRecovered(ILogger logger, string pipeline, TableId table);

    [LoggerMessage(20, LogLevel.Warning, "Pipeline {Pipeline}: dead letter from {Topic}/{Partition} at {Offset}, column {Column}, {Reason}: {Detail}")]
    public static partial void DeadLetter(ILogger logger, string pipeline, string topic, int partition, long offset, string? column, DeadLetterReason reason, string detail);

    [LoggerMessage(30, LogLevel.Information, "Pipeline {Pipeline}: source {Kind}: {Message}")]
    public static partial void Source(ILogger logger, string pipeline, string kind, string message);
}
