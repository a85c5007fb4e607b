using System.Globalization;
using System.Security.Cryptography;

namespace Cdc.Debezium.Internal.Order;

/// <summary>
/// What the messages below a position leave to know, as text for a ledger: one line of parts, the first of which is the line's own form.
/// The key of a delete that a tombstone may still follow is there as a hash only: no value of a row is kept.
/// </summary>
internal sealed partial class PartitionOrder
{
    private const string Form = "1";

    public string Save() => string.Join(
        ';',
        Form,
        Text(epoch),
        hasCommit ? Text(greatestCommit) : "",
        greatestTime == long.MinValue ? "" : Text(greatestTime),
        hasGreatest ? greatest.Value.ToString("x", CultureInfo.InvariantCulture) : "",
        deletedKeyHash is not null ? Convert.ToBase64String(deletedKeyHash) : deletedKeyLength >= 0 ? Convert.ToBase64String(SHA256.HashData(deletedKey.AsSpan(0, deletedKeyLength))) : "");

    /// <exception cref="FormatException">The text is no state.</exception>
    public static PartitionOrder Restore(byte? fixedEpoch, long position, string? state)
    {
        var order = new PartitionOrder(fixedEpoch) { frontier = position, forgotten = position };
        if (state is null) return order;
        var parts = state.Split(';');
        if (parts.Length != 6 || parts[0] != Form) throw new FormatException();
        order.epoch = fixedEpoch ?? byte.Parse(parts[1], CultureInfo.InvariantCulture);
        if (order.epoch != 0) order.switches.Add((position, order.epoch));
        order.hasCommit = parts[2].Length > 0;
        if (order.hasCommit) order.greatestCommit = ulong.Parse(parts[2], CultureInfo.InvariantCulture);
        if (parts[3].Length > 0) order.greatestTime = long.Parse(parts[3], CultureInfo.InvariantCulture);
        order.hasGreatest = parts[4].Length > 0;
        if (order.hasGreatest) order.greatest = new RowVersion(UInt128.Parse(parts[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (parts[5].Length > 0) order.deletedKeyHash = Convert.FromBase64String(parts[5]);
        order.isUntouched = !order.hasGreatest && order.deletedKeyHash is null;
        return order;
    }

    /// <summary>The state of a partition of which only the epoch is known: the greatest of the others', or the one after it.</summary>
    /// <exception cref="FormatException">A text is no state.</exception>
    /// <exception cref="OverflowException">There is no epoch after it.</exception>
    public static string Derive(IEnumerable<string> states, bool isNew)
    {
        var greatest = states.Max(state => Restore(null, 0, state).epoch);
        return new PartitionOrder(null) { epoch = isNew ? checked((byte)(greatest + 1)) : greatest }.Save();
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
