using System.Globalization;
using System.Text;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>
/// Which transactions a reading transaction sees, as <c>pg_current_snapshot()</c> writes it: <c>xmin:xmax:running,…</c>.
/// What aborted counts as seen: it changed nothing.
/// </summary>
internal sealed class TransactionSnapshot
{
    private readonly ulong[] running;

    public TransactionSnapshot(ulong xmin, ulong xmax, params ulong[] running)
    {
        Xmin = xmin;
        Xmax = xmax;
        this.running = running;
        Array.Sort(this.running);
    }

    /// <summary>Every transaction below it had ended.</summary>
    public ulong Xmin { get; }

    /// <summary>No transaction from it on had ended.</summary>
    public ulong Xmax { get; }

    /// <summary>The transactions between that had not ended.</summary>
    public IReadOnlyList<ulong> Running => running;

    /// <summary>The snapshot that sees exactly the transactions below an id.</summary>
    public static TransactionSnapshot Below(ulong id) => new(id, id);

    /// <exception cref="FormatException">The text is no snapshot.</exception>
    public static TransactionSnapshot Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length != 3) throw new FormatException("A snapshot has three parts.");
        var running = parts[2].Length == 0 ? [] : parts[2].Split(',').Select(Number).ToArray();
        return new TransactionSnapshot(Number(parts[0]), Number(parts[1]), running);
    }

    /// <summary>Whether a transaction's changes are seen, once it committed.</summary>
    public bool Sees(ulong transaction) => transaction < Xmin || (transaction < Xmax && Array.BinarySearch(running, transaction) < 0);

    /// <summary>Whether a transaction's changes are seen, by the 32 bits of its id that the log has: the full id lies within 2³¹ of <see cref="Xmax"/>.</summary>
    public bool Sees(uint transaction) => Sees(Widen(transaction));

    /// <summary>Whether everything that the other sees is seen here too.</summary>
    public bool Covers(TransactionSnapshot other) => FirstUnseen(other) == 0;

    /// <summary>A transaction that the other sees and this one does not, or 0 where there is none.</summary>
    public ulong FirstUnseen(TransactionSnapshot other)
    {
        foreach (var transaction in running)
        {
            if (other.Sees(transaction)) return transaction;
        }

        // What lies at or above our xmax had not ended for us; the other must not have seen any of it.
        for (var transaction = Xmax; transaction < other.Xmax; transaction++)
        {
            if (other.Sees(transaction)) return transaction;
        }

        return 0;
    }

    /// <summary>The full id of a transaction that began within 2³¹ of this snapshot.</summary>
    public ulong Widen(uint transaction) => Xmax + (ulong)(long)(int)(transaction - (uint)Xmax);

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Xmin}:{Xmax}:").AppendJoin(',', running);
        return text.ToString();
    }

    private static ulong Number(string text) => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
