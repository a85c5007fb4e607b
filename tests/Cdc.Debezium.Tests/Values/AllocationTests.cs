using Cdc.Debezium.Internal;

namespace Cdc.Debezium.Tests.Values;

public sealed class AllocationTests
{
    [Fact]
    public void The_common_types_are_decoded_without_allocation()
    {
        var buffer = new byte[4_096];
        OneCell[] cells =
        [
            new(OneCell.Type(ValueKind.Int64), "123456789012"),
            new(OneCell.Type(ValueKind.Float64), "1.5E10"),
            new(OneCell.Type(ValueKind.Decimal, WireForm.DecimalBase64, 38, 18), "\"tMSzV6V5O4X2dd3AAAAAAQ==\""),
            new(OneCell.Type(ValueKind.Number, WireForm.DecimalStruct), "{\"scale\":9,\"value\":\"ox8WWp/qATpVIFzXUcZ+6w==\"}"),
            new(OneCell.Type(ValueKind.Number, WireForm.DecimalText), "\"-123456789012345678901234567890.123456789\""),
            new(OneCell.Type(ValueKind.Decimal, WireForm.DecimalBase64, 76, 10), "\"6eQzWO5m6kr4m0tUF5rWhoiKWg6OavAAAAAAAAAAAAE=\""),
            new(OneCell.Type(ValueKind.String), "\"a\\n\\uD83D\\uDE00b\""),
            new(OneCell.Type(ValueKind.Uuid), "\"123e4567-e89b-12d3-a456-426614174000\""),
            new(OneCell.Type(ValueKind.Bytes, WireForm.BytesBase64), "\"AAECAwQ=\""),
            new(OneCell.Type(ValueKind.Bytes, WireForm.BytesHex), "\"00010203\""),
            new(OneCell.Type(ValueKind.Date, WireForm.EpochDays), "19782"),
            new(OneCell.Type(ValueKind.Timestamp, WireForm.Microseconds), "1709214330123456"),
            new(OneCell.Type(ValueKind.ZonedTimestamp, WireForm.IsoText), "\"2024-02-29T11:45:30.123456Z\""),
            new(OneCell.Type(ValueKind.Time, WireForm.Microseconds), "49530123456"),
            new(OneCell.Type(ValueKind.Array, WireForm.JsonArray, element: OneCell.Type(ValueKind.String)), "[\"a\",null,\"b\\n\"]"),
            new(OneCell.Type(ValueKind.Map, WireForm.StringMap), "{\"a\":\"1\"}"),
            new(OneCell.Type(ValueKind.Point, WireForm.PointStruct), "{\"x\":1.5,\"y\":-2.5}"),
        ];
        foreach (var one in cells)
        {
            for (var i = 0; i < 1_000; i++) Decode(one);
            var allocated = Allocation.Least(() =>
            {
                for (var i = 0; i < 1_000; i++) Decode(one);
            });
            Assert.True(allocated == 0, $"{one.Cell.Type}: {allocated / 1_000} bytes a value");
        }

        void Decode(OneCell one)
        {
            var cell = one.Cell;
            _ = cell.MaxUtf8Length;
            if (!cell.TryGetUtf8(out _)) cell.CopyUtf8(buffer);
            switch (cell.Type.Kind)
            {
                case ValueKind.Int64: cell.GetInt64(); break;
                case ValueKind.Float64: cell.GetDouble(); break;
                case ValueKind.Decimal or ValueKind.Number: cell.GetDecimal(76, Math.Max(cell.Type.Scale, 9), buffer.AsSpan(0, 32)); break;
                case ValueKind.Uuid: cell.GetUuid(); break;
                case ValueKind.Bytes: cell.CopyBytes(buffer); break;
                case ValueKind.Date: cell.GetDate(); break;
                case ValueKind.Timestamp or ValueKind.ZonedTimestamp: cell.GetTimestamp(6); break;
                case ValueKind.Time: cell.GetTime(6); break;
                case ValueKind.Point: cell.GetPoint(); break;
            }
        }
    }
}
