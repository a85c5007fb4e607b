namespace Cdc.Debezium.Internal.Values;

/// <summary>Spatial.</summary>
internal static class SpatialValues
{
    public static (double X, double Y) GetPoint(in Cell cell) => throw new NotImplementedException();
}
