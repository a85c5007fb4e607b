using Cdc.TestSupport;
using Cdc.TestSupport.Values;
using Xunit;

namespace Cdc.Proof.Tests;

/// <summary>The comparison itself: a proof is worth no more than what it compares with.</summary>
public sealed class NormalFormTests
{
    private static readonly FeedMode Precise = FeedMode.Parse(Corpus.Connector("plain"));
    private static readonly FeedMode Strings = FeedMode.Parse(Corpus.Connector("strings"));
    private static readonly FeedMode Full = FeedMode.Parse(Corpus.Connector("full"));

    [Theory]
    [InlineData("integer", "42", "42")]
    [InlineData("numeric(8,3)", "1.250", "1.25")]
    [InlineData("numeric", "-0.00000000000000000001", "-0.00000000000000000001")]
    [InlineData("numeric(5,-2)", "99900", "99900")]
    [InlineData("types.price", "-0.01", "-0.01")]
    [InlineData("money", "-$1.50", "-1.5")]
    [InlineData("real", "1.1754944e-38", "1.1754944E-38")]
    [InlineData("double precision", "-Infinity", "-Infinity")]
    [InlineData("character(5)", "日本", "日本   ")]
    [InlineData("inet", "1.2.3.4/32", "1.2.3.4")]
    [InlineData("inet", "::1/128", "::1")]
    [InlineData("inet", "192.168.0.1/24", "192.168.0.1/24")]
    [InlineData("bytea", @"\xDEad", "dead")]
    [InlineData("bit(1)", "0", "false")]
    [InlineData("bit(5)", "10101", "15")]
    [InlineData("bit(64)", "1000000000000000000000000000000000000000000000000000000000000001", "0100000000000080")]
    [InlineData("bit varying", "", "")]
    [InlineData("hstore", "\"k1\"=>\"v1\", \"k 2\"=>NULL, \"q\\\"q\"=>\"\\\\\"", """{"k 2":null,"k1":"v1","q\"q":"\\"}""")]
    [InlineData("timestamp with time zone", "2024-02-29 11:45:30.5+00", "2024-02-29 11:45:30.5")]
    [InlineData("time with time zone", "13:45:30.123-11:30", "01:15:30.123Z")]
    [InlineData("time with time zone", "00:00:00.001+14", "10:00:00.001Z")]
    [InlineData("interval", "1 year 2 mons 3 days 04:05:06.789", "37091106789000")]
    [InlineData("interval", "-1 years -2 mons +3 days -04:05:06.789", "-36572706789000")]
    [InlineData("interval", "-00:00:00.000001", "-1")]
    [InlineData("point", "(1.5,-2.5)", "(1.5,-2.5)")]
    [InlineData("text[]", """{a,NULL,"c,d","q\"q",""}""", """["a",null,"c,d","q\"q",""]""")]
    [InlineData("bytea[]", """{"\\xdeadbeef","\\x"}""", """["deadbeef",""]""")]
    [InlineData("time without time zone[]", "{13:45:30.123456}", """["13:45:30.123"]""")]
    [InlineData("timestamp with time zone[]", """{"2024-02-29 11:45:30.123456+00"}""", """["2024-02-29 11:45:30.123456"]""")]
    public void A_value_of_the_source_has_one_normal_form(string type, string text, string normal) =>
        Assert.Equal(new Expected.Value(normal), Expectation.Of(PgType.Parse(type), text, Precise, "c"));

    [Theory]
    [InlineData("1 year 2 mons 3 days 04:05:06.789", "P1Y2M3DT4H5M6.789S")]
    [InlineData("-1 years -2 mons +3 days -04:05:06.789", "P-1Y-2M3DT-4H-5M-6.789S")]
    [InlineData("00:00:00", "P0Y0M0DT0H0M0S")]
    [InlineData("-00:00:00.000001", "P0Y0M0DT0H0M-0.000001S")]
    [InlineData("10000 years", "P10000Y0M0DT0H0M0S")]
    public void An_interval_in_string_mode_has_every_part(string text, string iso) =>
        Assert.Equal(new Expected.Value(iso), Expectation.Of(PgType.Parse("interval"), text, Strings, "c"));

    [Theory]
    [InlineData("date", "infinity", RefusalReason.Infinity)]
    [InlineData("date", "1899-12-31", RefusalReason.OutOfRange)]
    [InlineData("date", "2300-01-01", RefusalReason.OutOfRange)]
    [InlineData("timestamp without time zone", "0044-03-15 10:00:00 BC", RefusalReason.OutOfRange)]
    [InlineData("timestamp with time zone", "-infinity", RefusalReason.Infinity)]
    public void A_date_that_ClickHouse_has_not_is_refused(string type, string text, RefusalReason reason) =>
        Assert.Equal(new Expected.Refused(reason), Expectation.Of(PgType.Parse(type), text, Precise, "c"));

    [Theory]
    [InlineData("date", "1900-01-01")]
    [InlineData("date", "2299-12-31")]
    public void The_ends_of_the_range_are_not_refused(string type, string text) =>
        Assert.Equal(new Expected.Value(text), Expectation.Of(PgType.Parse(type), text, Precise, "c"));

    [Fact]
    public void A_NaN_is_lost_in_precise_mode_and_kept_or_refused_in_string_mode()
    {
        Assert.IsType<Expected.Lost>(Expectation.Of(PgType.Parse("numeric(5,2)"), "NaN", Precise, "c"));
        Assert.Equal(new Expected.Value("NaN"), Expectation.Of(PgType.Parse("numeric(5,2)"), "NaN", Strings, "c"));
        Assert.Equal(new Expected.Value("NaN"), Expectation.Of(PgType.Parse("numeric"), "NaN", Full, "c"));
        Assert.Equal(new Expected.Refused(RefusalReason.NotANumber), Expectation.Of(PgType.Parse("numeric(5,2)"), "NaN", Full, "c"));
    }

    [Fact]
    public void Money_beyond_a_double_may_be_exact_or_rounded_and_nothing_else()
    {
        var expected = Expectation.Of(PgType.Parse("money"), "$92,233,720,368,547,758.07", Precise, "r");

        Assert.True(expected.Accepts("92233720368547758.07"));
        Assert.True(expected.Accepts("92233720368547760"));
        Assert.False(expected.Accepts("92233720368547759"));
    }

    [Fact]
    public void Milliseconds_are_rounded_down_where_the_connector_sends_no_more()
    {
        Assert.Equal(new Expected.Value("13:45:30.123"), Expectation.Of(PgType.Parse("time without time zone"), "13:45:30.123999", Strings, "c"));
        Assert.Equal(new Expected.Value("1969-12-31 23:59:59.999"), Expectation.Of(PgType.Parse("timestamp without time zone"), "1969-12-31 23:59:59.999999", Strings, "c"));
    }

    [Fact]
    public void A_null_array_is_empty_and_an_inner_array_is_lost()
    {
        Assert.True(Expectation.Of(PgType.Parse("integer[]"), null, Precise, "c").Accepts("[]"));
        Assert.True(Expectation.Of(PgType.Parse("integer[]"), "{{1,2},{3,4}}", Precise, "c").Accepts("[null,null]"));
    }
}
