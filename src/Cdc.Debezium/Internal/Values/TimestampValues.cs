namespace Cdc.Debezium.Internal.Values;

/// <summary>Timestamp.</summary>
internal static class TimestampValues
{
    public static long GetTimestamp(in Cell cell, int digits) => throw new NotImplementedException();
}
