namespace Cdc.Debezium.Internal.Values;

/// <summary>Bytes.</summary>
internal static class BytesValues
{
    public static int GetMaxByteLength(in Cell cell) => cell.Raw.Length;

    public static int CopyBytes(in Cell cell, Span<byte> destination) => throw new NotImplementedException();
}
