namespace Cdc.Debezium.Internal.Values;

/// <summary>Decimal.</summary>
internal static class DecimalValues
{
    public static void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination) => throw new NotImplementedException();
}
