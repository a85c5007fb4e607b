using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Writing;

/// <summary>Writes decimals: as the bytes of their unscaled value, or as Debezium's text.</summary>
internal static class DecimalWriter
{
    public static void Write(in Cell cell, Utf8JsonWriter json, bool asText)
    {
        var text = cell.GetString();
        if (asText)
        {
            json.WriteStringValue(text switch
            {
                "NaN" => "NAN",
                "Infinity" => "POSITIVE_INFINITY",
                "-Infinity" => "NEGATIVE_INFINITY",
                _ => text,
            });
            return;
        }

        if (!char.IsAsciiDigit(text[^1])) throw cell.Refuse(text == "NaN" ? RefusalReason.NotANumber : RefusalReason.Infinity, "a precise decimal has no NaN and no infinity: set DecimalHandlingMode = String");
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var digits = BigInteger.Parse(point < 0 ? text : text.Remove(point, 1), CultureInfo.InvariantCulture);
        var scale = point < 0 ? 0 : text.Length - point - 1;
        if (cell.Type.Kind == ValueKind.Number)
        {
            json.WriteStartObject();
            json.WriteNumber("scale"u8, scale);
            json.WriteBase64String("value"u8, digits.ToByteArray(isBigEndian: true));
            json.WriteEndObject();
            return;
        }

        var wanted = WireScale(cell.Type);
        if (scale > wanted) throw cell.Refuse(RefusalReason.Precision, "the value has more digits after the point than its type says");
        json.WriteBase64StringValue((digits * BigInteger.Pow(10, wanted - scale)).ToByteArray(isBigEndian: true));
    }

    /// <summary>The scale that the connector writes: a negative one as its 11 low bits, and the values padded so.</summary>
    public static int WireScale(SourceType type) => type.Scale < 0 ? type.Scale + 2048 : type.Scale;
}
