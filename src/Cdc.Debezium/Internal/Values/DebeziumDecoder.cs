using System.Buffers;

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
        Opening.IsNeeded(in cell) ? IntegerValues.GetBoolean(Opening.Open(in cell, stackalloc byte[Opening.Size])) : IntegerValues.GetBoolean(in cell);

    public override long GetInt64(in Cell cell) =>
        Opening.IsNeeded(in cell) ? IntegerValues.GetInt64(Opening.Open(in cell, stackalloc byte[Opening.Size])) : IntegerValues.GetInt64(in cell);

    public override ulong GetUInt64(in Cell cell) =>
        Opening.IsNeeded(in cell) ? IntegerValues.GetUInt64(Opening.Open(in cell, stackalloc byte[Opening.Size])) : IntegerValues.GetUInt64(in cell);

    public override float GetSingle(in Cell cell) =>
        Opening.IsNeeded(in cell) ? FloatValues.GetSingle(Opening.Open(in cell, stackalloc byte[Opening.Size])) : FloatValues.GetSingle(in cell);

    public override double GetDouble(in Cell cell) =>
        Opening.IsNeeded(in cell) ? FloatValues.GetDouble(Opening.Open(in cell, stackalloc byte[Opening.Size])) : FloatValues.GetDouble(in cell);

    public override void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination)
    {
        if (!Opening.IsNeeded(in cell))
        {
            DecimalValues.GetDecimal(in cell, precision, scale, destination);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(cell.Raw.Length);
        try
        {
            DecimalValues.GetDecimal(Opening.Open(in cell, rented), precision, scale, destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public override UInt128 GetUuid(in Cell cell) =>
        Opening.IsNeeded(in cell) ? UuidValues.GetUuid(Opening.Open(in cell, stackalloc byte[Opening.Size])) : UuidValues.GetUuid(in cell);

    public override long GetDate(in Cell cell) =>
        Opening.IsNeeded(in cell) ? DateValues.GetDate(Opening.Open(in cell, stackalloc byte[Opening.Size])) : DateValues.GetDate(in cell);

    public override long GetTime(in Cell cell, int digits) =>
        Opening.IsNeeded(in cell) ? TimeValues.GetTime(Opening.Open(in cell, stackalloc byte[Opening.Size]), digits) : TimeValues.GetTime(in cell, digits);

    public override long GetTimestamp(in Cell cell, int digits) =>
        Opening.IsNeeded(in cell) ? TimestampValues.GetTimestamp(Opening.Open(in cell, stackalloc byte[Opening.Size]), digits) : TimestampValues.GetTimestamp(in cell, digits);

    public override (double X, double Y) GetPoint(in Cell cell) =>
        Opening.IsNeeded(in cell) ? SpatialValues.GetPoint(Opening.Open(in cell, stackalloc byte[Opening.Size])) : SpatialValues.GetPoint(in cell);

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

    public override int CopyUtf8(in Cell cell, Span<byte> destination) => TextValues.CopyUtf8(in cell, destination);

    public override int GetMaxByteLength(in Cell cell) => BytesValues.GetMaxByteLength(in cell);

    public override int CopyBytes(in Cell cell, Span<byte> destination) => BytesValues.CopyBytes(in cell, destination);

    public override bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element) => ArrayValues.TryGetNextElement(in cell, ref position, out element);
}
