using System.Text;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>How a statement is run: as it is, or as an insert whose data follows it.</summary>
/// <param name="Head">The statement up to and without its FORMAT clause.</param>
/// <param name="Format">The format of the data, or null when the statement carries none.</param>
/// <param name="DataStart">Where the data begins in the bytes that were parsed.</param>
/// <param name="Input">The call of <c>input('…')</c> that the statement selects its data from.</param>
internal sealed record Statement(byte[] Head, string? Format, int DataStart, InputCall? Input)
{
    /// <summary>Reads only as much of the grammar as tells an insert's statement from its data.</summary>
    public static Statement Parse(ReadOnlySpan<byte> text)
    {
        var scan = new SqlScanner(text);
        if (!scan.Next() || !scan.WordIs("INSERT"u8)) return new Statement([], null, 0, null);

        var selects = false;
        InputCall? input = null;
        while (scan.Next())
        {
            if (scan.WordIs("INPUT"u8) && scan.StringArgument() is { } call) input = call;
            if (scan.Depth != 0) continue;
            if (scan.WordIs("SELECT"u8) || scan.WordIs("WITH"u8) || scan.WordIs("INFILE"u8)) selects = true;
            if (selects && input is null) continue;

            if (scan.WordIs("VALUES"u8) && !selects)
            {
                return new Statement(text[..scan.Start].ToArray(), "Values", scan.End, null);
            }

            if (scan.WordIs("FORMAT"u8))
            {
                var head = text[..scan.Start].ToArray();
                if (!scan.Next() || scan.Word.IsEmpty) break;
                return new Statement(head, Encoding.ASCII.GetString(scan.Word), SkipToData(text, scan.End), input);
            }
        }

        return new Statement([], null, 0, null);
    }

    /// <summary>The format a SELECT names at its end, which wins over the request's default.</summary>
    public static string? ResultFormat(ReadOnlySpan<byte> text)
    {
        string? format = null;
        var scan = new SqlScanner(text);
        while (scan.Next())
        {
            if (scan.Depth == 0 && scan.WordIs("FORMAT"u8) && scan.Next() && !scan.Word.IsEmpty) format = Encoding.ASCII.GetString(scan.Word);
        }

        return format;
    }

    // Data starts after the first line break, or after the blanks when there is none.
    private static int SkipToData(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\f') at++;
        if (at < text.Length && text[at] == ';') at++;
        if (at < text.Length && text[at] == '\r') at++;
        if (at < text.Length && text[at] == '\n') at++;
        return at;
    }
}

/// <summary>A call of <c>input('structure')</c> in an INSERT … SELECT.</summary>
internal sealed record InputCall(int Start, int End, string Structure);
