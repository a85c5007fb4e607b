using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cdc.Hosting.Internal;

/// <summary>Whether the pipelines' loops are alive. A target that is away is no reason to restart the process.</summary>
internal sealed class LivenessCheck(CdcPipelines pipelines) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var dead = pipelines.Status.Where(p => p.State == CdcPipelineState.Stopped && p.LastError is not null).Select(p => $"{p.Name} failed: {p.LastError}").ToList();
        return Task.FromResult(dead.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", dead)));
    }
}

/// <summary>Whether changes flow: nothing is retried for long, no table is stopped, the last flush is not long past.</summary>
internal sealed class ReadinessCheck(CdcPipelines pipelines, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = pipelines.Status.SelectMany(Problems).ToList();
        return Task.FromResult(problems.Count == 0 ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, string.Join("; ", problems)));
    }

    private IEnumerable<string> Problems(CdcPipelineStatus pipeline)
    {
        var now = time.GetUtcNow();
        var quiet = now - (pipeline.LastFlush > pipeline.Started ? pipeline.LastFlush : pipeline.Started ?? pipeline.Since);
        if (pipeline.State == CdcPipelineState.Restarting) yield return $"{pipeline.Name} starts again after a failure: {pipeline.LastError}";
        if (pipeline.State == CdcPipelineState.Stopped) yield return $"{pipeline.Name} is stopped";
        if (pipeline.RetryingSince is { } since && now - since > pipeline.ReadyWithin) yield return $"{pipeline.Name} has been trying again since {since:O}: {pipeline.LastError}";
        else if (pipeline.State is CdcPipelineState.Running or CdcPipelineState.Starting && quiet > pipeline.ReadyWithin) yield return $"{pipeline.Name} has not flushed for {quiet}";
        foreach (var table in pipeline.Tables.Where(t => t.Stopped is not null)) yield return $"{pipeline.Name}: {table.Table} is stopped: {table.Stopped}";
    }
}
