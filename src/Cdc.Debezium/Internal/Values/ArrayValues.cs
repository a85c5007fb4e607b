namespace Cdc.Debezium.Internal.Values;

/// <summary>Array.</summary>
internal static class ArrayValues
{
    public static bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element) => throw new NotImplementedException();
}
