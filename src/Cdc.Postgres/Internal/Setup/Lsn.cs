using System.Globalization;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Positions in the log as PostgreSQL writes them: two hexadecimal halves.</summary>
internal static class Lsn
{
    public static string Text(ulong position) => string.Create(CultureInfo.InvariantCulture, $"{position >> 32:X}/{(uint)position:X}");

    /// <exception cref="FormatException">The text is no position.</exception>
    public static ulong Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) throw new FormatException("A position has a slash.");
        return ((ulong)Half(text.AsSpan(0, slash)) << 32) | Half(text.AsSpan(slash + 1));
    }

    private static uint Half(ReadOnlySpan<char> text) => uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
