using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cdc.Hosting.Internal;

/// <summary>Whether the pipelines' loops are alive. A target that is away is no reason to restart the process.</summary>
internal sealed class LivenessCheck(CdcPipelines pipelines) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = pipelines.Status;
        var data = status.ToDictionary(p => p.Name, p => (object)p.State.ToString());
        var dead = status.Where(p => p.State == CdcPipelineState.Failed).Select(p => $"{p.Name} failed for good: {p.LastError}").ToList();
        return Task.FromResult(dead.Count == 0 ? HealthCheckResult.Healthy(data: data) : new HealthCheckResult(context.Registration.FailureStatus, string.Join("; ", dead), data: data));
    }
}

/// <summary>Whether changes flow: nothing is retried for long, no table is stopped, the last flush is not long past.</summary>
internal sealed class ReadinessCheck(CdcPipelines pipelines, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = new Dictionary<string, object>();
        var warnings = new Dictionary<string, object>();
        foreach (var board in pipelines.Boards)
        {
            var status = board.Status;
            foreach (var (subject, problem) in Problems(status, board.ReadyWithin)) problems[subject] = problem;
            if (status.Warnings.Count > 0) warnings[status.Name] = string.Join("; ", status.Warnings);
        }

        return Task.FromResult(
            problems.Count > 0 ? new HealthCheckResult(context.Registration.FailureStatus, Words(problems), data: problems)
            : warnings.Count > 0 ? HealthCheckResult.Degraded(Words(warnings), data: warnings)
            : HealthCheckResult.Healthy());
    }

    private static string Words(Dictionary<string, object> problems) => string.Join("; ", problems.Select(p => $"{p.Key} {p.Value}"));

    private IEnumerable<(string Subject, string Problem)> Problems(CdcPipelineStatus pipeline, TimeSpan within)
    {
        var now = time.GetUtcNow();
        var because = pipeline.LastError is { } error ? $": {error}" : "";
        var quiet = now - (pipeline.LastFlush > pipeline.Started ? pipeline.LastFlush : pipeline.Started ?? pipeline.Since);
        if (pipeline.State is CdcPipelineState.Failed or CdcPipelineState.Stopped) yield return (pipeline.Name, $"is stopped{because}");
        else if (pipeline.State != CdcPipelineState.Completed && pipeline.LastFlush is null) yield return (pipeline.Name, $"has not flushed yet{because}");
        else if (pipeline.RetryingSince is { } since && now - since > within) yield return (pipeline.Name, $"has been trying again since {since:O}{because}");
        else if (pipeline.State == CdcPipelineState.Running && quiet > within) yield return (pipeline.Name, $"has not flushed for {quiet}");
        foreach (var table in pipeline.Tables.Where(t => t.Stopped is not null)) yield return ($"{pipeline.Name}: table {table.Table}", $"is stopped: {table.Stopped}");
        foreach (var topic in pipeline.StoppedTopics) yield return ($"{pipeline.Name}: topic {topic.Topic}", $"is stopped: {topic.Explanation}");
    }
}
