using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>IPv4 and IPv6 out of their text. What is an address only to some readers (010.0.0.1, 10.1, fe80::1%eth0) is refused.</summary>
internal sealed class AddressColumn(ClickHouseType type, bool v6) : FixedColumn(type, v6 ? 16 : 4)
{
    private const int MaxTextLength = 45;
    private static readonly SearchValues<byte> Letters = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public override void AppendValue(scoped in Cell cell)
    {
        if (!cell.TryGetUtf8(out var text)) text = cell.GetTextBytes();
        if (text.Length > MaxTextLength || text.ContainsAnyExcept(Letters) || !IPAddress.TryParse(text, out var address) || !IsDotted(text, address))
        {
            throw cell.Refuse(RefusalReason.Type, "the value is no single IP address; use String");
        }

        if (v6) address = address.MapToIPv6();
        if (address.AddressFamily != (v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork)) throw cell.Refuse(RefusalReason.OutOfRange);
        var room = Buffer.Room(16);
        address.TryWriteBytes(room, out _);

        // IPv4 is a number, least significant byte first; IPv6 is in network order.
        if (!v6) room[..4].Reverse();
        Buffer.Advance(Width);
    }

    private static bool IsDotted(ReadOnlySpan<byte> text, IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return true;
        Span<byte> usual = stackalloc byte[15];
        return address.TryFormat(usual, out var length) && usual[..length].SequenceEqual(text);
    }
}
