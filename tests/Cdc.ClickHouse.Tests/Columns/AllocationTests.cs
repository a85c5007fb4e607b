using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Tests.Columns;

public sealed class AllocationTests
{
    private const int Rows = 20_000;

    public static TheoryData<string, string, string> Values => new()
    {
        { "Nullable(Int64)", """{"type":"int64","optional":true,"field":"v"}""", "-17" },
        { "Nullable(Bool)", """{"type":"boolean","optional":true,"field":"v"}""", "true" },
        { "Nullable(Float64)", """{"type":"double","optional":true,"field":"v"}""", "0.25" },
        { "Nullable(Decimal(10, 2))", """{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"v"}""", "\"AUo=\"" },
        { "Nullable(String)", """{"type":"string","optional":true,"field":"v"}""", "\"some text\"" },
        { "Nullable(String)", """{"type":"string","optional":true,"field":"v"}""", "\"with \\\"escapes\\\"\"" },
        { "String", """{"type":"bytes","optional":true,"field":"v"}""", "\"3q2+7w==\"" },
        { "LowCardinality(Nullable(String))", """{"type":"string","optional":true,"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"a,b"},"field":"v"}""", "\"a\"" },
        { "Nullable(UUID)", """{"type":"string","optional":true,"name":"io.debezium.data.Uuid","version":1,"field":"v"}""", "\"123e4567-e89b-12d3-a456-426614174000\"" },
        { "Nullable(Date32)", """{"type":"int32","optional":true,"name":"io.debezium.time.Date","version":1,"field":"v"}""", "19000" },
        { "Nullable(Time64(6))", """{"type":"int64","optional":true,"name":"io.debezium.time.MicroTime","version":1,"field":"v"}""", "49530123456" },
        { "Nullable(DateTime64(6, 'UTC'))", """{"type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","version":1,"field":"v"}""", "1709214330123456" },
        { "Nullable(DateTime64(6, 'UTC'))", """{"type":"string","optional":true,"name":"io.debezium.time.ZonedTimestamp","version":1,"field":"v"}""", "\"2024-02-29T11:45:30.500000Z\"" },
        { "Array(Nullable(Int32))", """{"type":"array","items":{"type":"int32","optional":true},"optional":true,"field":"v"}""", "[1,null,3]" },
        { "Array(LowCardinality(Nullable(String)))", """{"type":"array","items":{"type":"string","optional":true},"optional":true,"field":"v"}""", "[\"a\",null,\"b\"]" },
        { "Enum8('a' = 1)", """{"type":"string","optional":true,"field":"v"}""", "\"a\"" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Appending_to_a_warm_block_allocates_nothing(string type, string field, string value)
    {
        var change = Cells.Changes(field, [value]).Single().Detach();
        using var block = new Block([new BlockColumn("v", ColumnFactory.Create(ClickHouseType.Parse(type), ColumnRules.Default)), new BlockColumn("version", new VersionColumn())]);
        Fill(block, change);
        block.Clear();

        Assert.Equal(0, Allocation.Least(() =>
        {
            Fill(block, change);
            block.Truncate(Rows / 2);
            block.Clear();
        }));
    }

    private static void Fill(Block block, ChangeEvent change)
    {
        var version = (VersionColumn)block.Columns[1].Encoder;
        for (var i = 0; i < Rows; i++)
        {
            block.Columns[0].Encoder.Append(change.After[1]);
            version.Append(change.Version);
            block.EndRow(new RowOrigin(0, i));
        }
    }
}
