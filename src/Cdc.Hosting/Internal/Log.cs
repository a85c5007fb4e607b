using Cdc.Kafka;
using Cdc.Postgres;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Internal;

/// <summary>
/// Everything that is logged; the README lists it. No value of a row and no secret is among the arguments, so no exception is handed over:
/// the message of one that is not ours, or of its cause, may quote either.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Pipeline {Pipeline} runs")]
    public static partial void Started(ILogger logger, string pipeline);

    [LoggerMessage(1001, LogLevel.Information, "Pipeline {Pipeline} stopped; what it took is durable and committed, or comes again")]
    public static partial void Stopped(ILogger logger, string pipeline);

    [LoggerMessage(1002, LogLevel.Information, "Pipeline {Pipeline} is complete: its source ended")]
    public static partial void Completed(ILogger logger, string pipeline);

    [LoggerMessage(1003, LogLevel.Error, "Pipeline {Pipeline} failed and starts again in {Delay}: {Error}")]
    public static partial void Failed(ILogger logger, string pipeline, TimeSpan delay, string error);

    [LoggerMessage(1004, LogLevel.Critical, "Pipeline {Pipeline} failed for good: {Error}")]
    public static partial void FailedForGood(ILogger logger, string pipeline, string error);

    [LoggerMessage(1005, LogLevel.Error, "Pipeline {Pipeline} met an exception that is not its own: {Type} at{StackTrace}")]
    public static partial void Unexpected(ILogger logger, string pipeline, string type, string stackTrace);

    [LoggerMessage(1006, LogLevel.Warning, "Pipeline {Pipeline} did not stop in the host's time; what it had not committed comes again")]
    public static partial void StoppedLate(ILogger logger, string pipeline);

    [LoggerMessage(1010, LogLevel.Warning, "Pipeline {Pipeline}: {Stage} failed and is tried again: {Error}")]
    public static partial void Retrying(ILogger logger, string pipeline, string stage, string error);

    [LoggerMessage(1011, LogLevel.Information, "Pipeline {Pipeline}: {Stage} succeeded again")]
    public static partial void Recovered(ILogger logger, string pipeline, string stage);

    [LoggerMessage(EventId = 2000, Message = "Pipeline {Pipeline}: Kafka source, {Kind}: {Message}")]
    public static partial void Kafka(ILogger logger, LogLevel level, string pipeline, KafkaSourceEventKind kind, string message);

    [LoggerMessage(EventId = 2100, Message = "Pipeline {Pipeline}: PostgreSQL source, {Kind}: {Message}")]
    public static partial void Postgres(ILogger logger, LogLevel level, string pipeline, PostgresSourceEventKind kind, string message);

    [LoggerMessage(2101, LogLevel.Warning, "Pipeline {Pipeline}: {Warning}")]
    public static partial void SourceWarning(ILogger logger, string pipeline, string warning);

    [LoggerMessage(2102, LogLevel.Information, "Pipeline {Pipeline}: the PostgreSQL source is well again ({Warning})")]
    public static partial void SourceRecovered(ILogger logger, string pipeline, string warning);

    [LoggerMessage(3000, LogLevel.Warning, "Pipeline {Pipeline}: {Warning}")]
    public static partial void ReaderWarning(ILogger logger, string pipeline, string warning);

    [LoggerMessage(4000, LogLevel.Error, "Pipeline {Pipeline}: table {Table} is stopped: {Reason}")]
    public static partial void TableStopped(ILogger logger, string pipeline, TableId table, string reason);

    [LoggerMessage(4001, LogLevel.Warning, "Pipeline {Pipeline}: inserts into table {Table} are tried again: {Error}")]
    public static partial void TableRetries(ILogger logger, string pipeline, TableId table, string error);

    [LoggerMessage(4002, LogLevel.Information, "Pipeline {Pipeline}: inserts into table {Table} go on")]
    public static partial void TableRecovered(ILogger logger, string pipeline, TableId table);

    [LoggerMessage(5000, LogLevel.Warning, "Pipeline {Pipeline}: dead letter from {Topic}/{Partition} at {Offset}, column {Column}, {Reason}: {Detail}")]
    public static partial void DeadLetter(ILogger logger, string pipeline, string topic, int partition, long offset, string? column, DeadLetterReason reason, string detail);

    [LoggerMessage(5001, LogLevel.Warning, "Pipeline {Pipeline}: {Count} more dead letters in the same flush")]
    public static partial void MoreDeadLetters(ILogger logger, string pipeline, int count);
}
