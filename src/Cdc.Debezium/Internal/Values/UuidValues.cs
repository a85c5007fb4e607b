namespace Cdc.Debezium.Internal.Values;

/// <summary>Uuid.</summary>
internal static class UuidValues
{
    public static UInt128 GetUuid(in Cell cell) => throw new NotImplementedException();
}
