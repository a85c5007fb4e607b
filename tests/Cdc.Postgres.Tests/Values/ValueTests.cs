using System.Globalization;

namespace Cdc.Postgres.Tests.Values;

public sealed class ValueTests(ValueRun run) : IClassFixture<ValueRun>
{
    public static TheoryData<int, string> Cases => new(TypeCase.All.Select((c, i) => (i, c.Type)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_value_is_read_as_the_server_writes_it_in_binary_and_in_text(int number, string type)
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        var rows = run.Texts.Where(t => t.Key.Case == number).ToList();
        Assert.True(rows.Count > 1);
        foreach (var ((_, row), text) in rows)
        {
            var expected = text is null ? null : ServerText.Of(type, text);
            Assert.Equal((type, text, expected), (type, text, Text(run.Snapshot(number, row))));
            Assert.Equal((type, text, expected), (type, text, Text(run.Stream(number, row))));
        }
    }

    [Fact]
    public void Both_forms_give_one_shape()
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        for (var i = 0; i < TypeCase.All.Count; i++) Assert.Equal(run.Snapshot(i, 1).Shape.Columns[1].Type, run.Stream(i, 1).Shape.Columns[1].Type);
    }

    private static string? Text(ChangeEvent change)
    {
        var cell = change.After[1];
        if (cell.State == CellState.Null) return null;
        Assert.Equal(CellState.Value, cell.State);
        var text = cell.GetString();
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(text) <= Math.Max(cell.MaxUtf8Length, cell.Raw.Length));
        return cell.Type.Kind is ValueKind.Array or ValueKind.Map or ValueKind.Point ? ServerText.Normal(text) : text;
    }
}
