using System.Collections.Immutable;
using System.Text;
using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;
using Cdc.Debezium;

namespace Cdc.ClickHouse.Tests.Columns;

/// <summary>Cells of one column as Debezium sends them: the tests give Connect's type and the values in JSON.</summary>
internal static class Cells
{
    /// <summary>Appends each value of a column to an encoder through a real envelope.</summary>
    public static void Append(ColumnEncoder encoder, string field, IEnumerable<string> values)
    {
        foreach (var change in Changes(field, values)) encoder.Append(change.After[1]);
    }

    public static IEnumerable<ChangeEvent> Changes(string field, IEnumerable<string> values)
    {
        var reader = new DebeziumReader();
        var change = new ChangeEvent();
        var offset = 0;
        foreach (var value in values)
        {
            var message = Message(field, value, offset++);
            Assert.Equal(MessageKind.Change, reader.Read(in message, change));
            yield return change;
        }
    }

    private static SourceMessage Message(string field, string value, int offset)
    {
        var key = $$"""{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false,"name":"p.s.t.Key"},"payload":{"id":{{offset}} } }""";
        var row = $$"""{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"},{{field}}],"optional":true,"name":"p.s.t.Value","field":""";
        var text = $$$"""
            {"schema":{"type":"struct","fields":[{{{row}}}"before"},{{{row}}}"after"}],"optional":false,"name":"p.s.t.Envelope"},
            "payload":{"before":null,"after":{"id":{{{offset}}},"v":{{{value}}} },"source":{"connector":"postgresql","db":"d","schema":"s","table":"t","ts_ms":1,"snapshot":"false","sequence":"[\"1\",\"2\"]"},"op":"c"}}
            """;
        return new SourceMessage("p.s.t", 0, offset, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text));
    }
}
