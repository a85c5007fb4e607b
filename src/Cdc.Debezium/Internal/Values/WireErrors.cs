namespace Cdc.Debezium.Internal.Values;

/// <summary>The words for a value that contradicts the form in which its column was declared. Never the value itself.</summary>
internal static class WireErrors
{
    /// <summary>The error of a token that the column's form does not allow.</summary>
    public static ChangeFormatException Contradicts(in Cell cell) => cell.Malformed(
        $"The column is declared as {Declared(cell.Type)} and the message carries {Carried(cell.Token)}; {Advice(cell.Type)}.");

    /// <summary>The error of a value whose token is right and whose content is not.</summary>
    /// <param name="cell">The value.</param>
    /// <param name="expected">What should stand there, without the value.</param>
    public static ChangeFormatException NotA(in Cell cell, string expected) => cell.Malformed(
        $"The column is declared as {Declared(cell.Type)} and what the message carries is not {expected}; {Advice(cell.Type)}.");

    private static string Declared(SourceType type) => type.Encoding == (int)WireForm.Plain ? $"{type.Kind}" : $"{type.Kind} in the form {(WireForm)type.Encoding}";

    private static string Carried(byte token) => token switch
    {
        WireToken.PlainString or WireToken.EscapedString => "a string",
        WireToken.Number => "a number",
        WireToken.True or WireToken.False => "a boolean",
        WireToken.Object => "an object",
        WireToken.Array => "an array",
        _ => "something else",
    };

    private static string Advice(SourceType type) => type.Kind switch
    {
        ValueKind.Decimal or ValueKind.Number => "check decimal.handling.mode of the connector and the catalog",
        ValueKind.Bytes or ValueKind.Unknown => "check binary.handling.mode of the connector and the catalog",
        ValueKind.Date or ValueKind.Time or ValueKind.Timestamp => "check time.precision.mode of the connector and the catalog",
        ValueKind.Interval or ValueKind.IntervalText => "check interval.handling.mode of the connector and the catalog",
        ValueKind.Map => "check hstore.handling.mode of the connector and the catalog",
        _ => "check the catalog against the source's table",
    };
}
