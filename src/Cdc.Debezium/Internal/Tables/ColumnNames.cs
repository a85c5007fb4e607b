using System.Text;

namespace Cdc.Debezium.Internal.Tables;

/// <summary>Undoes what Debezium's stream does to column names outside ASCII.</summary>
internal static class ColumnNames
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// The name as the source has it. In the stream (not in snapshots) each UTF-8 byte from 0x80 arrives as the character U+FF00 + byte;
    /// a name where those bytes make no valid UTF-8 is left as it is.
    /// </summary>
    public static string Repair(string name)
    {
        if (!name.AsSpan().ContainsAnyInRange('\uFF80', '\uFFFF')) return name;
        var bytes = new List<byte>(name.Length);
        foreach (var unit in name)
        {
            if (unit is >= '\uFF80') bytes.Add((byte)unit);
            else if (unit < 0x80) bytes.Add((byte)unit);
            else return name;
        }

        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return name;
        }
    }
}
