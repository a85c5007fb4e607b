using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Writing;

/// <summary>Writes the placeholder of an unchanged value in the shape that the connector gives it.</summary>
internal sealed class PlaceholderWriter(string placeholder)
{
    private readonly byte[] text = Encoding.UTF8.GetBytes(placeholder);

    public void Write(in Cell cell, Utf8JsonWriter json, bool hasTextDecimals)
    {
        switch (cell.Type.Kind)
        {
            case ValueKind.String or ValueKind.Json or ValueKind.Uuid or ValueKind.Enum or ValueKind.IntervalText:
                json.WriteStringValue(text);
                break;
            case ValueKind.Decimal or ValueKind.Number when hasTextDecimals:
                json.WriteStringValue(text);
                break;
            case ValueKind.Bytes:
                json.WriteBase64StringValue(text);
                break;
            case ValueKind.Map:
                json.WriteStartObject();
                json.WriteString(placeholder, text);
                json.WriteEndObject();
                break;
            case ValueKind.Array when cell.Type.Element is { } element:
                json.WriteStartArray();
                WriteElements(in cell, element, json);
                json.WriteEndArray();
                break;
            default:
                throw cell.Refuse(RefusalReason.Unavailable, "the envelope has no placeholder for an unavailable value of this type");
        }
    }

    private void WriteElements(in Cell cell, SourceType element, Utf8JsonWriter json)
    {
        switch (element.Kind)
        {
            case ValueKind.String or ValueKind.Json or ValueKind.Enum:
                json.WriteStringValue(text);
                break;
            case ValueKind.Bytes:
                json.WriteBase64StringValue(text);
                break;
            case ValueKind.Int32 or ValueKind.Int64 or ValueKind.Date:
                foreach (var octet in text) json.WriteNumberValue((sbyte)octet);
                break;
            case ValueKind.Uuid:
                json.WriteStringValue(NameUuid());
                break;
            default:
                throw cell.Refuse(RefusalReason.Unavailable, "the envelope has no placeholder for an unavailable array of this type");
        }
    }

    /// <summary>The version 3 UUID that Java makes of the placeholder's bytes.</summary>
#pragma warning disable CA5351 // A name, not a secret: the connector's own function.
    private Guid NameUuid()
    {
        var hash = MD5.HashData(text);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x30);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
#pragma warning restore CA5351
}
