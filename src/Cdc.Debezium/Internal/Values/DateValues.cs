namespace Cdc.Debezium.Internal.Values;

/// <summary>Date.</summary>
internal static class DateValues
{
    public static long GetDate(in Cell cell) => throw new NotImplementedException();
}
