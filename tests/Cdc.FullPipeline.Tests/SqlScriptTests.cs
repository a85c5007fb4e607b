using FullPipeline;

namespace Cdc.FullPipeline.Tests;

public sealed class SqlScriptTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2;", "SELECT 1", "SELECT 2")]
    [InlineData("SELECT ';'; SELECT 2", "SELECT ';'", "SELECT 2")]
    [InlineData("SELECT 'it''s;', 'a\\';b' ; SELECT 2", "SELECT 'it''s;', 'a\\';b'", "SELECT 2")]
    [InlineData("SELECT `a;b`, \"c;d\"", "SELECT `a;b`, \"c;d\"")]
    [InlineData("-- one; two\nSELECT 1 /* three; four */; -- it's over", "-- one; two\nSELECT 1 /* three; four */")]
    [InlineData(" ; ;\n-- nothing\n;")]
    public void Statements_end_at_semicolons_that_stand_for_themselves(string script, params string[] statements) =>
        Assert.Equal(statements, SqlScript.Statements(script));

    [Fact]
    public void A_quote_without_an_end_is_refused() =>
        Assert.Throws<SampleException>(() => SqlScript.Statements("SELECT 'a; SELECT 2").ToList());
}
