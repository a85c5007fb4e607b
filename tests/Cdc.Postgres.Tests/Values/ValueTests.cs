using System.Globalization;

namespace Cdc.Postgres.Tests.Values;

[Collection(nameof(ValueRun))]
public sealed class ValueTests(ValueRun run)
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

    [Theory]
    [InlineData("date", "(v - date '1970-01-01')::bigint")]
    [InlineData("time", "(extract(epoch FROM v) * 1000000)::bigint")]
    [InlineData("timestamp", "(extract(epoch FROM v) * 1000000)::numeric(38)")]
    [InlineData("timestamptz", "(extract(epoch FROM v) * 1000000)::numeric(38)")]
    [InlineData("numeric(10,2)", "(v * 100)::bigint")]
    [InlineData("money", "(v::numeric * 100)::numeric(38)")]
    [InlineData("vals.price", "(v * 100)::bigint")]
    public async Task Numbers_that_columns_store_are_those_that_the_server_computes(string type, string number)
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        var position = TypeCase.All.Select((c, i) => (c, i)).Single(c => c.c.Type == type).i;
        var isFinite = type.StartsWith("numeric", StringComparison.Ordinal) ? "v::text <> 'NaN'" : type is "date" or "timestamp" or "timestamptz" ? "isfinite(v)" : "v IS NOT NULL";
        var lines = await run.Server.LinesAsync($"SELECT id || ' ' || ({number})::text FROM (SELECT * FROM vals.t{position} WHERE id < 1000000 AND {isFinite} OFFSET 0) t");
        Assert.True(lines.Count > 1);
        foreach (var line in lines.Select(l => l.Split(' ')))
        {
            // The last years that the server has are beyond 64 bits of microseconds since 1970.
            var row = int.Parse(line[0], CultureInfo.InvariantCulture);
            var isBeyond = type.StartsWith("timestamp", StringComparison.Ordinal) && System.Numerics.BigInteger.Parse(line[1], CultureInfo.InvariantCulture) > long.MaxValue;
            var expected = isBeyond ? nameof(RefusalReason.OutOfRange) : line[1];
            Assert.Equal((row, expected), (row, Number(run.Snapshot(position, row))));
            Assert.Equal((row, expected), (row, Number(run.Stream(position, row))));
        }
    }

    [Fact]
    public void An_array_of_several_dimensions_is_refused_by_name_where_its_elements_are_asked_for()
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        var several = run.Texts.Where(t => TypeCase.All[t.Key.Case].Type is "int4[]" && (t.Value ?? "").Contains("{{", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, several.Count);
        foreach (var ((type, row), _) in several)
        {
            foreach (var change in new[] { run.Snapshot(type, row), run.Stream(type, row) })
            {
                var refused = Assert.Throws<ValueRefusedException>(() =>
                {
                    var at = 0;
                    change.After[1].TryGetNextElement(ref at, out _);
                });
                Assert.Equal((RefusalReason.Type, "v"), (refused.Reason, refused.Column));
            }
        }
    }

    private static string Number(ChangeEvent change)
    {
        try
        {
            return Stored(change);
        }
        catch (ValueRefusedException refused)
        {
            return refused.Reason.ToString();
        }
    }

    private static string Stored(ChangeEvent change)
    {
        var cell = change.After[1];
        switch (cell.Type.Kind)
        {
            case ValueKind.Date: return cell.GetDate().ToString(CultureInfo.InvariantCulture);
            case ValueKind.Time: return cell.GetTime(6).ToString(CultureInfo.InvariantCulture);
            case ValueKind.Decimal:
                Span<byte> digits = stackalloc byte[16];
                cell.GetDecimal(38, 2, digits);
                return new System.Numerics.BigInteger(digits).ToString(CultureInfo.InvariantCulture);
            default: return cell.GetTimestamp(6).ToString(CultureInfo.InvariantCulture);
        }
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
