namespace Cdc;

/// <summary>Repeats what failed transiently, with growing and jittered waits, until it succeeds or is cancelled.</summary>
internal sealed class Retry(PipelineReport report, TimeSpan longest, TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var delay = Shortest;
        while (true)
        {
            try
            {
                var result = await work(cancellationToken).ConfigureAwait(false);
                report.Retrying = null;
                return result;
            }
            catch (CdcException failure) when (failure.IsTransient)
            {
                report.Retrying = failure.Message;
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);

                // Decorrelated jitter: many pipelines that failed together do not come back together.
                delay = TimeSpan.FromTicks(Math.Min(longest.Ticks, Random.Shared.NextInt64(Shortest.Ticks, (delay.Ticks * 3) + 1)));
            }
        }
    }

    public async ValueTask RunAsync(Func<CancellationToken, ValueTask> work, CancellationToken cancellationToken) =>
        await RunAsync(
            async token =>
            {
                await work(token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
}
