namespace Cdc.Hosting.Internal;

/// <summary>The names of the meter, the instruments, the spans and their tags: OpenTelemetry's where it has one (error.type, messaging.*), else under cdc.</summary>
internal static class TelemetryNames
{
    public const string Source = "Cdc";

    public const string Events = "cdc.events";
    public const string Messages = "cdc.messages";
    public const string RowsWritten = "cdc.rows.written";
    public const string RowsSuperseded = "cdc.rows.superseded";
    public const string RowsFenced = "cdc.rows.fenced";
    public const string RowsHeld = "cdc.rows.held";
    public const string BytesWritten = "cdc.bytes.written";
    public const string Inserts = "cdc.inserts";
    public const string BatchRows = "cdc.batch.rows";
    public const string BatchDuration = "cdc.batch.duration";
    public const string EndToEndLatency = "cdc.end_to_end.latency";
    public const string SourceLag = "cdc.source.lag";
    public const string SourceLagTime = "cdc.source.lag_time";
    public const string SlotRetained = "cdc.source.slot.retained";
    public const string SlotLag = "cdc.source.slot.lag";
    public const string SlotSafe = "cdc.source.slot.safe";
    public const string SnapshotRows = "cdc.snapshot.rows";
    public const string SnapshotProgress = "cdc.snapshot.progress";
    public const string BufferBytes = "cdc.buffer.bytes";
    public const string DeadLetters = "cdc.dead_letters";
    public const string Errors = "cdc.errors";
    public const string Retries = "cdc.retries";
    public const string Restarts = "cdc.restarts";
    public const string Rebalances = "cdc.rebalances";
    public const string TablesStopped = "cdc.tables.stopped";
    public const string ConsumedMessages = "messaging.client.consumed.messages";

    public const string Pipeline = "pipeline";
    public const string Table = "table";
    public const string Operation = "op";
    public const string Outcome = "outcome";
    public const string Reason = "reason";
    public const string Stage = "stage";
    public const string Topic = "topic";
    public const string Partition = "partition";
    public const string Slot = "slot";
    public const string ErrorType = "error.type";
    public const string MessagingSystem = "messaging.system";
    public const string MessagingOperation = "messaging.operation.name";
    public const string MessagingDestination = "messaging.destination.name";
    public const string MessagingPartition = "messaging.destination.partition.id";
    public const string MessagingGroup = "messaging.consumer.group.name";
    public const string MessagingBatchCount = "messaging.batch.message_count";
    public const string SpanPipeline = "cdc.pipeline";
    public const string SpanRows = "cdc.rows";
    public const string SpanBytes = "cdc.bytes";
}
