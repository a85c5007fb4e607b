using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Internal;

/// <summary>Runs one pipeline while the host does, and starts it again after a failure.</summary>
internal sealed class PipelineService : BackgroundService
{
    private readonly PipelineDefinition definition;
    private readonly PipelineSettings settings;
    private readonly IServiceProvider services;
    private readonly PipelineMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly StatusBoard board;

    public PipelineService(PipelineDefinition definition, IServiceProvider services, CdcPipelines pipelines, PipelineMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    {
        this.definition = definition;
        this.services = services;
        this.metrics = metrics;
        this.time = time;
        logger = loggers.CreateLogger($"Cdc.{definition.Name}");
        settings = new PipelineSettings(definition, services.GetService<IConfiguration>());
        board = new StatusBoard(definition.Name, settings.Hosting.ReadyWithin, time);
        pipelines.Add(definition.Name, () => board.Status);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var delay = settings.Hosting.RestartDelay;
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                await RunAsync(stoppingToken).ConfigureAwait(false);
                board.Become(CdcPipelineState.Completed);
                Log.Completed(logger, definition.Name);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                // A run that went well for long enough starts the waits anew.
                if (time.GetElapsedTime(started) > settings.Hosting.MaxRestartDelay) delay = settings.Hosting.RestartDelay;
                board.Fail(failure is CdcException ? failure.Message : $"an unexpected {failure.GetType().Name}");
                Log.Failed(logger, definition.Name, delay, failure);
                metrics.Restarted(definition.Name);
                if (settings.Hosting.StopHostOnFailure)
                {
                    board.Become(CdcPipelineState.Stopped);
                    services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
                    return;
                }
            }

            try
            {
                await Task.Delay(delay, time, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            delay = TimeSpan.FromTicks(Math.Min(settings.Hosting.MaxRestartDelay.Ticks, delay.Ticks * 2));
        }

        board.Become(CdcPipelineState.Stopped);
        Log.Stopped(logger, definition.Name);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // The host goes on starting while the first catalog is read.
        await Task.Yield();
        var problems = new List<string>();
        await using var parts = PipelineParts.Create(definition, settings, services, time, problems) ?? throw new CdcConfigurationException(problems);
        board.Watch(parts.Sink as ClickHouseWriter);
        if (parts.Sink is ClickHouseWriter writer) writer.StatusChanged += Tell;
        if (parts.Source is KafkaChangeSource kafka) kafka.Happened += e => Log.Source(logger, definition.Name, e.Kind.ToString(), e.Message);
        var reader = await PipelineParts.ReaderAsync(definition, settings, services, cancellationToken).ConfigureAwait(false);
        var letters = parts.DeadLetters is null ? null : new LoggedDeadLetters(parts.DeadLetters, definition.Name, metrics, logger);
        var pipeline = new ChangePipeline(parts.Source, reader, new MeasuredSink(parts.Sink, definition.Name, metrics), letters, settings.Loop, time, parts.Ledger);
        var warned = 0;
        pipeline.Flushed += report =>
        {
            board.Flushed(report);
            metrics.Flushed(definition.Name, report, time.GetUtcNow());
            if (reader is DebeziumReader { Warnings: { } warnings } && warnings.Count > warned)
            {
                foreach (var warning in warnings.Skip(warned)) Log.Warning(logger, definition.Name, warning);
                warned = warnings.Count;
            }
        };
        board.Become(CdcPipelineState.Running);
        Log.Started(logger, definition.Name);
        try
        {
            await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            metrics.Forget(definition.Name);
        }
    }

    private void Tell(ClickHouseTableStatus status)
    {
        if (status.Stopped is not null) Log.TableStopped(logger, definition.Name, status.Table, status.Stopped);
        else if (status.IsRetrying) Log.TableRetries(logger, definition.Name, status.Table, status.LastError ?? "");
        else Log.TableRecovered(logger, definition.Name, status.Table);
    }
}
