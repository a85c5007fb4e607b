using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>A column that the writer fills itself: no cell of the source stands behind it.</summary>
internal abstract class TechnicalColumn(ClickHouseType type, int width) : FixedColumn(type, width)
{
    public sealed override void AppendValue(scoped in Cell cell) => throw new NotSupportedException();
}

/// <summary>The version of the row, UInt128.</summary>
internal sealed class VersionColumn() : TechnicalColumn(ClickHouseType.Parse("UInt128"), 16)
{
    public void Append(RowVersion version)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(Buffer.Room(16), version.Value);
        Buffer.Advance(16);
    }
}

/// <summary>Whether the row is deleted, UInt8. Bool is the other type that the engine takes; the bytes are the same.</summary>
internal sealed class DeletedColumn(string type = "UInt8") : TechnicalColumn(ClickHouseType.Parse(type), 1)
{
    public void Append(bool deleted) => Buffer.Add(deleted ? (byte)1 : (byte)0);
}

/// <summary>When the source committed the change, DateTime64(6, 'UTC').</summary>
internal sealed class SourceTimestampColumn() : TechnicalColumn(ClickHouseType.Parse("DateTime64(6, 'UTC')"), 8)
{
    public void Append(long microseconds) => Buffer.AddInt64(microseconds);
}
