namespace Cdc.Debezium.Internal.Values;

/// <summary>
/// Decodes cells whose type's <see cref="SourceType.Encoding"/> is a <see cref="WireForm"/> and whose token is a <see cref="WireToken"/>.
/// The raw bytes are valid UTF-8 of valid JSON; everything else is checked here.
/// </summary>
internal sealed class DebeziumDecoder : CellDecoder
{
    /// <summary>The one decoder: it has no state.</summary>
    public static readonly DebeziumDecoder Instance = new();

    private DebeziumDecoder()
    {
    }

    public override bool GetBoolean(in Cell cell) =>
        cell.Token == WireToken.WholeJson ? IntegerValues.GetBoolean(WholeJson.Open(in cell)) : IntegerValues.GetBoolean(in cell);

    public override long GetInt64(in Cell cell) =>
        cell.Token == WireToken.WholeJson ? IntegerValues.GetInt64(WholeJson.Open(in cell)) : IntegerValues.GetInt64(in cell);

    public override ulong GetUInt64(in Cell cell) =>
        cell.Token == WireToken.WholeJson ? IntegerValues.GetUInt64(WholeJson.Open(in cell)) : IntegerValues.GetUInt64(in cell);

    public override float GetSingle(in Cell cell) =>
        cell.Token == WireToken.WholeJson ? FloatValues.GetSingle(WholeJson.Open(in cell)) : FloatValues.GetSingle(in cell);

    public override double GetDouble(in Cell cell) =>
        cell.Token == WireToken.WholeJson ? FloatValues.GetDouble(WholeJson.Open(in cell)) : FloatValues.GetDouble(in cell);

    public override void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination)
    {
        if (cell.Token == WireToken.WholeJson) DecimalValues.GetDecimal(WholeJson.Open(in cell), precision, scale, destination);
        else DecimalValues.GetDecimal(in cell, precision, scale, destination);
    }

    public override UInt128 GetUuid(in Cell cell) =>
        cell.Token == WireToken.WholeJson ? UuidValues.GetUuid(WholeJson.Open(in cell)) : UuidValues.GetUuid(in cell);

    public override long GetDate(in Cell cell) =>
        cell.Token == WireToken.WholeJson ? DateValues.GetDate(WholeJson.Open(in cell)) : DateValues.GetDate(in cell);

    public override long GetTime(in Cell cell, int digits) =>
        cell.Token == WireToken.WholeJson ? TimeValues.GetTime(WholeJson.Open(in cell), digits) : TimeValues.GetTime(in cell, digits);

    public override long GetTimestamp(in Cell cell, int digits) =>
        cell.Token == WireToken.WholeJson ? TimestampValues.GetTimestamp(WholeJson.Open(in cell), digits) : TimestampValues.GetTimestamp(in cell, digits);

    public override (double X, double Y) GetPoint(in Cell cell) =>
        cell.Token == WireToken.WholeJson ? SpatialValues.GetPoint(WholeJson.Open(in cell)) : SpatialValues.GetPoint(in cell);

    public override bool TryGetUtf8(scoped in Cell cell, out ReadOnlySpan<byte> utf8)
    {
        if (cell.Token == WireToken.PlainString && TextValues.IsText(cell.Type))
        {
            utf8 = cell.Raw;
            return true;
        }

        utf8 = default;
        return false;
    }

    public override int GetMaxUtf8Length(in Cell cell) => TextValues.GetMaxUtf8Length(in cell);

    public override int CopyUtf8(in Cell cell, Span<byte> destination) =>
        cell.Token == WireToken.WholeJson ? TextValues.CopyUtf8(WholeJson.Open(in cell), destination) : TextValues.CopyUtf8(in cell, destination);

    public override int GetMaxByteLength(in Cell cell) => BytesValues.GetMaxByteLength(in cell);

    public override int CopyBytes(in Cell cell, Span<byte> destination) =>
        cell.Token == WireToken.WholeJson ? BytesValues.CopyBytes(WholeJson.Open(in cell), destination) : BytesValues.CopyBytes(in cell, destination);

    public override bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element) =>
        ArrayValues.TryGetNextElement(in cell, ref position, out element);
}
