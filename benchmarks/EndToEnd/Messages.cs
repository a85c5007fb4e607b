using System.Globalization;
using System.Text;

namespace Cdc.Benchmarks.EndToEnd;

/// <summary>The recorded updates of the sales table, each with a key of its own, so that no row stands for another.</summary>
internal static class Messages
{
    public static async Task<SourceMessage[]> CreateAsync(int rows)
    {
        var templates = (await SalesEvents.LoadAsync("plain")).Take(100).Select(m => (Key: Split(m.Key!.Value), Value: Split(m.Value!.Value))).ToArray();
        var messages = new SourceMessage[rows];
        for (var i = 0; i < rows; i++)
        {
            // Keys in no order, as updates come.
            var id = Encoding.ASCII.GetBytes(((i * 7919L) % rows + 1).ToString(CultureInfo.InvariantCulture));
            var (key, value) = templates[i % templates.Length];
            messages[i] = new SourceMessage("bench.franco.sales", 0, i, Join(key, id), Join(value, id));
        }

        return messages;
    }

    private static (byte[] Before, byte[] After) Split(ReadOnlyMemory<byte> json)
    {
        var name = "\"sales_id\":"u8;
        var start = json.Span.IndexOf(name) + name.Length;
        var length = json.Span[start..].IndexOfAny((byte)',', (byte)'}');
        return (json[..start].ToArray(), json[(start + length)..].ToArray());
    }

    private static byte[] Join((byte[] Before, byte[] After) parts, byte[] id) => [.. parts.Before, .. id, .. parts.After];
}
