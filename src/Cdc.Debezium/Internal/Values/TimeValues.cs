namespace Cdc.Debezium.Internal.Values;

/// <summary>Time.</summary>
internal static class TimeValues
{
    public static long GetTime(in Cell cell, int digits) => throw new NotImplementedException();
}
