using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;
using Cdc.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Internal;

/// <summary>Runs one pipeline while the host does, and starts it again after a failure.</summary>
internal sealed class PipelineService : IHostedLifecycleService, IDisposable
{
    private readonly PipelineSettings settings;
    private readonly IServiceProvider services;
    private readonly PipelineMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly StatusBoard board;
    private readonly CancellationTokenSource stopping = new();
    private Task loop = Task.CompletedTask;

    public PipelineService(PipelineSettings settings, IServiceProvider services)
    {
        this.settings = settings;
        this.services = services;
        metrics = services.GetRequiredService<PipelineMetrics>();
        time = services.GetRequiredService<TimeProvider>();
        logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Cdc.Hosting");
        board = new StatusBoard(settings.Name, settings.ReadyWithin, time);
        services.GetRequiredService<CdcPipelines>().Add(board);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loop = Task.Run(LoopAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All pipelines are told to stop before the host waits for the first: they drain side by side, within one shutdown's time.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => stopping.CancelAsync();

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await loop.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Log.StoppedLate(logger, settings.Name);
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => stopping.Dispose();

    private async Task LoopAsync()
    {
        var token = stopping.Token;
        var delay = settings.Hosting.RestartDelay;
        while (!token.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                await RunAsync(token).ConfigureAwait(false);
                board.Become(CdcPipelineState.Completed);
                Log.Completed(logger, settings.Name);
                return;
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                // A run that went well for long enough starts the waits anew.
                if (time.GetElapsedTime(started) > settings.Hosting.MaxRestartDelay) delay = settings.Hosting.RestartDelay;
                if (!MayRestart(failure, delay)) return;
            }

            if (!await WaitAsync(delay, token).ConfigureAwait(false)) break;
            delay = TimeSpan.FromTicks(Math.Min(settings.Hosting.MaxRestartDelay.Ticks, delay.Ticks * 2));
        }

        board.Become(CdcPipelineState.Stopped);
        Log.Stopped(logger, settings.Name);
    }

    private async Task<bool> WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private bool MayRestart(Exception failure, TimeSpan delay)
    {
        var error = RunObserver.Words(failure);
        metrics.Errors.Add(1, new(TelemetryNames.Pipeline, settings.Name), new(TelemetryNames.Stage, "run"), new(TelemetryNames.ErrorType, failure.GetType().Name));
        if (!RunObserver.IsOurs(failure)) Log.Unexpected(logger, settings.Name, failure.GetType().ToString(), Environment.NewLine + failure.StackTrace);
        if (settings.Hosting.StopHostOnFailure && failure is not CdcException { IsTransient: true })
        {
            board.Fail(error, CdcPipelineState.Failed);
            Log.FailedForGood(logger, settings.Name, error);
            services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
            return false;
        }

        board.Fail(error, CdcPipelineState.Restarting);
        Log.Failed(logger, settings.Name, delay, error);
        metrics.Restarts.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Pipeline, settings.Name));
        return true;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var parts = await PipelineParts.CreateAsync(settings, services, time).ConfigureAwait(false);
        var observer = new RunObserver(settings, metrics, board, logger, time);
        board.Watch(parts);
        if (parts.Sink is ClickHouseWriter writer) writer.StatusChanged += observer.Happened;
        if (parts.Source is KafkaChangeSource kafka) kafka.Happened += observer.Happened;
        var postgres = parts.Source as PostgresChangeSource;
        if (postgres is not null) postgres.Happened += observer.Happened;
        if (parts.DeadLetters is KafkaDeadLetters topic) topic.Happened += observer.Happened;
        var reader = await parts.ReaderAsync(cancellationToken).ConfigureAwait(false);
        var sink = new ObservedSink(parts.Sink, observer);
        var pipeline = new ChangePipeline(
            new ObservedSource(parts.Source, observer, () => sink.LastFlush), reader, sink, parts.DeadLetters is { } letters ? new ObservedDeadLetters(letters, observer) : null,
            settings.Loop, time, parts.Ledger is { } ledger ? new ObservedLedger(ledger, observer) : null);
        var warned = 0;
        pipeline.Flushed += report =>
        {
            observer.Flushed(report);
            if (reader is not DebeziumReader { Warnings: { } warnings } || warnings.Count == warned) return;
            foreach (var warning in warnings.Skip(warned)) Log.ReaderWarning(logger, settings.Name, warning);
            warned = warnings.Count;
        };
        board.Become(CdcPipelineState.Running);
        Log.Started(logger, settings.Name);
        if (postgres is null) await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
        else await RunBesideAsync(new PostgresWatch(postgres, settings, board, logger, time), pipeline, cancellationToken).ConfigureAwait(false);
    }

    private static async Task RunBesideAsync(PostgresWatch watch, ChangePipeline pipeline, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = Task.Run(() => watch.RunAsync(ended.Token), CancellationToken.None);
        try
        {
            await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }
}
