using System.Runtime.InteropServices;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>
/// The transactions that the stream delivered and that a reading transaction may still not see: a commit is in the log, and
/// streamed, before it is visible, by microseconds or, where it waits for a synchronous standby, for as long as that takes.
/// </summary>
/// <remarks>The stream writes, whoever takes a snapshot reads; both may do so at once.</remarks>
internal sealed class StreamedTransactions
{
    private const int ForgetFrom = 100_000;

    private readonly Lock gate = new();
    private readonly Dictionary<uint, ulong> commits = [];
    private HashSet<ulong> unknown = [];
    private int forgetAt = ForgetFrom;

    /// <summary>Whether so many are kept that <see cref="Forget"/> should be called with a fresh snapshot.</summary>
    public bool IsFull
    {
        get
        {
            lock (gate) return commits.Count >= forgetAt;
        }
    }

    /// <summary>Notes what had not ended before the stream began: an earlier run may have streamed it, at a position unknown here.</summary>
    /// <param name="before">A snapshot taken before the stream began, after an id was drawn: every earlier transaction lies below its xmax.</param>
    public void Begin(TransactionSnapshot before)
    {
        lock (gate) unknown = [.. before.Running];
    }

    /// <summary>Notes a transaction, before any of its changes is delivered.</summary>
    /// <param name="transaction">The id that BEGIN carries.</param>
    /// <param name="commit">The final LSN that BEGIN carries.</param>
    public void Add(uint transaction, ulong commit)
    {
        lock (gate) CollectionsMarshal.GetValueRefOrAddDefault(commits, transaction, out _) = commit;
    }

    /// <summary>A transaction that committed before a position and that the snapshot does not see, or 0 where it sees them all.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="position">A position that the stream has reached.</param>
    public ulong FirstUnseen(TransactionSnapshot snapshot, ulong position)
    {
        lock (gate)
        {
            foreach (var (transaction, commit) in commits)
            {
                if (commit < position && !snapshot.Sees(transaction)) return snapshot.Widen(transaction);
            }

            foreach (var transaction in unknown)
            {
                // Once it was streamed here, its position decides.
                if (!snapshot.Sees(transaction) && !commits.ContainsKey((uint)transaction)) return transaction;
            }

            return 0;
        }
    }

    /// <summary>Forgets what a snapshot sees: every later one will see it too.</summary>
    public void Forget(TransactionSnapshot snapshot)
    {
        lock (gate)
        {
            foreach (var transaction in commits.Keys)
            {
                if (snapshot.Sees(transaction)) commits.Remove(transaction);
            }

            unknown.RemoveWhere(snapshot.Sees);
            forgetAt = Math.Max(ForgetFrom, 2 * commits.Count);
        }
    }
}
