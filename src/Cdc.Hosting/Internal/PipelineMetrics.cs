using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cdc.Postgres;

namespace Cdc.Hosting.Internal;

/// <summary>The instruments of the meter <c>Cdc</c> and its activity source. The README lists them.</summary>
internal sealed class PipelineMetrics
{
    public static readonly ActivitySource Activities = new(TelemetryNames.Source, Version);

    private readonly CdcPipelines pipelines;

    public PipelineMetrics(IMeterFactory meters, CdcPipelines pipelines)
    {
        this.pipelines = pipelines;
        var meter = meters.Create(new MeterOptions(TelemetryNames.Source) { Version = Version });
        Messages = meter.CreateCounter<long>(TelemetryNames.Messages, "{message}", "Messages read.");
        Consumed = meter.CreateCounter<long>(TelemetryNames.ConsumedMessages, "{message}", "Messages that were delivered by the broker.");
        Events = meter.CreateCounter<long>(TelemetryNames.Events, "{event}", "Changes that were taken, by operation.");
        Rows = meter.CreateCounter<long>(TelemetryNames.RowsWritten, "{row}", "Rows that are durable in the target.");
        Bytes = meter.CreateCounter<long>(TelemetryNames.BytesWritten, "By", "Bytes sent to the target.");
        Inserts = meter.CreateCounter<long>(TelemetryNames.Inserts, "{request}", "Inserts that succeeded.");
        Superseded = meter.CreateCounter<long>(TelemetryNames.RowsSuperseded, "{row}", "Rows left out because the target holds a newer version.");
        Fenced = meter.CreateCounter<long>(TelemetryNames.RowsFenced, "{row}", "Rows left out because a truncate is newer.");
        DeadLetters = meter.CreateCounter<long>(TelemetryNames.DeadLetters, "{message}", "Messages among the dead letters.");
        Errors = meter.CreateCounter<long>(TelemetryNames.Errors, "{error}", "Calls that failed.");
        Retries = meter.CreateCounter<long>(TelemetryNames.Retries, "{retry}", "Calls that failed transiently and are tried again; of inserts, the times that a table began to be tried again.");
        Restarts = meter.CreateCounter<long>(TelemetryNames.Restarts, "{restart}", "Starts after a failure.");
        Rebalances = meter.CreateCounter<long>(TelemetryNames.Rebalances, "{rebalance}", "Times that partitions came or went.");
        BatchRows = meter.CreateHistogram<long>(TelemetryNames.BatchRows, "{row}", "Rows of a table that a flush made durable.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 10, 100, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000] });
        BatchDuration = meter.CreateHistogram<double>(TelemetryNames.BatchDuration, "s", "How long a flush took until everything taken was durable.", advice: Advice(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300));
        Latency = meter.CreateHistogram<double>(TelemetryNames.EndToEndLatency, "s", "From the source's commit to the change being durable, one measurement for each commit of a table.", advice: Advice(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600));
        meter.CreateObservableGauge(TelemetryNames.SourceLag, SourceLag, "{event}", "Messages of a partition that are not durable yet.");
        meter.CreateObservableGauge(TelemetryNames.SourceLagTime, LagTime, "s", "Age of the oldest change that was taken and is not durable; else of the newest of the last flush.");
        meter.CreateObservableGauge(TelemetryNames.SlotRetained, () => Slots(s => s.RetainedBytes), "By", "Log that PostgreSQL keeps for the slot.");
        meter.CreateObservableGauge(TelemetryNames.SlotLag, () => Slots(s => s.UnconfirmedBytes), "By", "Log behind the position that the slot was confirmed to.");
        meter.CreateObservableGauge(TelemetryNames.SlotSafe, () => Slots(s => s.SafeBytes), "By", "Log that may still be written before PostgreSQL may give the slot up; absent where nothing limits it.");
        meter.CreateObservableGauge(TelemetryNames.SnapshotRows, () => Snapshots(p => p.Rows), "{row}", "Rows of a table's snapshot that were read by this run.");
        meter.CreateObservableGauge(TelemetryNames.SnapshotProgress, () => Snapshots(p => p.Percent / 100), "1", "How much of a table's snapshot was read, 0 to 1.");
        meter.CreateObservableGauge(TelemetryNames.BufferBytes, BufferBytes, "By", "Bytes of messages that were fetched and are not done with.");
        meter.CreateObservableGauge(TelemetryNames.RowsHeld, RowsHeld, "{row}", "Changes that wait because their table is stopped.");
        meter.CreateObservableGauge(TelemetryNames.TablesStopped, TablesStopped, "{table}", "Tables that take no more changes until somebody acts.");
    }

    public Counter<long> Messages { get; }

    public Counter<long> Consumed { get; }

    public Counter<long> Events { get; }

    public Counter<long> Rows { get; }

    public Counter<long> Bytes { get; }

    public Counter<long> Inserts { get; }

    public Counter<long> Superseded { get; }

    public Counter<long> Fenced { get; }

    public Counter<long> DeadLetters { get; }

    public Counter<long> Errors { get; }

    public Counter<long> Retries { get; }

    public Counter<long> Restarts { get; }

    public Counter<long> Rebalances { get; }

    public Histogram<long> BatchRows { get; }

    public Histogram<double> BatchDuration { get; }

    public Histogram<double> Latency { get; }

    private static string? Version => typeof(PipelineMetrics).Assembly.GetName().Version?.ToString(3);

    private static InstrumentAdvice<double> Advice(params double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };

    private static KeyValuePair<string, object?> Tag(string key, object? value) => new(key, value);

    private IEnumerable<Measurement<long>> SourceLag() =>
        from board in pipelines.Boards
        from lag in board.PartitionLags
        select new Measurement<long>(lag.Messages, Tag(TelemetryNames.Pipeline, board.Name), Tag(TelemetryNames.Topic, lag.Topic), Tag(TelemetryNames.Partition, lag.Partition));

    private IEnumerable<Measurement<double>> LagTime() =>
        from status in pipelines.Status
        where status.Lag is not null
        select new Measurement<double>(status.Lag!.Value.TotalSeconds, Tag(TelemetryNames.Pipeline, status.Name));

    private IEnumerable<Measurement<long>> Slots(Func<PostgresSlotStatus, long?> value) =>
        from status in pipelines.Status
        where status.Slot is { Health: not PostgresSlotHealth.Missing } slot && value(slot) is not null
        select new Measurement<long>(value(status.Slot!)!.Value, Tag(TelemetryNames.Pipeline, status.Name), Tag(TelemetryNames.Slot, status.Slot!.Slot));

    private IEnumerable<Measurement<T>> Snapshots<T>(Func<PostgresSnapshotProgress, T> value)
        where T : struct =>
        from status in pipelines.Status
        from table in status.Snapshots
        select new Measurement<T>(value(table), Tag(TelemetryNames.Pipeline, status.Name), Tag(TelemetryNames.Table, table.Table.ToString()));

    private IEnumerable<Measurement<long>> BufferBytes() =>
        from board in pipelines.Boards
        where board.BufferedBytes is not null
        select new Measurement<long>(board.BufferedBytes!.Value, Tag(TelemetryNames.Pipeline, board.Name));

    private IEnumerable<Measurement<long>> RowsHeld() =>
        from status in pipelines.Status
        from table in status.Tables
        select new Measurement<long>(table.Held, Tag(TelemetryNames.Pipeline, status.Name), Tag(TelemetryNames.Table, table.Table.ToString()));

    private IEnumerable<Measurement<long>> TablesStopped() =>
        from status in pipelines.Status
        select new Measurement<long>(status.Tables.Count(t => t.Stopped is not null), Tag(TelemetryNames.Pipeline, status.Name));
}
