using Cdc.Postgres.Internal.Setup;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Repeats what the server or the network refused for now, and tells why it waits.</summary>
internal sealed class Attempts(TimeProvider time)
{
    private volatile string? retrying;

    /// <summary>Why it waits, or null while it does not.</summary>
    public string? Retrying => retrying;

    public void Tell(string? failure) => retrying = failure;

    /// <summary>Tells the transaction that is waited for; 0 when none is any more.</summary>
    public void Waits(ulong transaction)
    {
        if (transaction != 0) retrying = $"transaction {transaction} must end before a snapshot can begin";
        else if (retrying is not null) retrying = null;
    }

    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        for (var delay = 200; ; delay = Math.Min(30_000, delay * 2))
        {
            try
            {
                await work(cancellationToken).ConfigureAwait(false);
                retrying = null;
                return;
            }
            catch (Exception failure) when (ServerFailure.IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                retrying = $"a snapshot is tried again: {ServerFailure.Describe(failure)}";
                await Task.Delay(TimeSpan.FromMilliseconds(delay), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
