namespace Cdc.Debezium.Internal.Values;

/// <summary>The text of a value of any kind.</summary>
internal static class TextValues
{
    /// <summary>Whether the text inside the quotes is the value's text as it is.</summary>
    public static bool IsText(SourceType type) => type.Kind switch
    {
        ValueKind.String or ValueKind.Json or ValueKind.Enum or ValueKind.IntervalText => true,
        ValueKind.Unknown => (WireForm)type.Encoding is WireForm.Plain or WireForm.JsonText,
        _ => false,
    };

    public static int GetMaxUtf8Length(in Cell cell) => cell.Raw.Length;

    public static int CopyUtf8(in Cell cell, Span<byte> destination) => throw new NotImplementedException();
}
