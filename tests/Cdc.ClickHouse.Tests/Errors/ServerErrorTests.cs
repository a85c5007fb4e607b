using System.Net;
using Cdc.ClickHouse.Internal.Errors;

namespace Cdc.ClickHouse.Tests.Errors;

public class ServerErrorTests
{
    [Fact]
    public void The_header_wins_over_the_body() =>
        Assert.Equal(241, ServerError.Of(HttpStatusCode.InternalServerError, "241", "Code: 60. DB::Exception: x", null).Code);

    [Fact]
    public void A_page_of_a_proxy_with_numbers_in_it_has_no_code()
    {
        var error = ServerError.Of(HttpStatusCode.BadGateway, null, "<html><head><title>502 Bad Gateway</title></head><body>Code: 60. DB::Exception: in a page</body></html>", null);
        Assert.Equal((0, ErrorClass.Ambiguous), (error.Code, error.Rule.Class));
    }

    [Fact]
    public void A_body_of_ClickHouse_without_the_header_is_read() =>
        Assert.Equal(60, ServerError.Of(HttpStatusCode.NotFound, null, "Code: 60. DB::Exception: Unknown table", null).Code);

    [Fact]
    public void A_success_with_words_in_its_body_is_ambiguous() =>
        Assert.Equal(ErrorClass.Ambiguous, ServerError.Of(HttpStatusCode.OK, null, "Code: 60. DB::Exception: half way", null).Rule.Class);

    [Theory]
    [InlineData("Code: 469. DB::Exception: Constraint `positive` for table db.t (9b1c) is violated at row 3. Expression: (a > 0). Column values: a = -987654. (VIOLATED_CONSTRAINT) (version 26.7)")]
    [InlineData("Code: 27. DB::Exception: Cannot parse input: expected '\\t' before: 'secret-987654': (at row 1): (CANNOT_PARSE_INPUT_ASSERTION_FAILED)")]
    [InlineData("Code: 41. DB::Exception: Cannot parse DateTime secret-987654. (CANNOT_PARSE_DATETIME)")]
    [InlineData("Code: 69. DB::Exception: Value 987654 is too big. (ARGUMENT_OUT_OF_BOUND)")]
    public void The_description_has_the_name_and_no_value(string text)
    {
        var description = ServerError.Of(HttpStatusCode.InternalServerError, null, text, null).Describe();
        Assert.DoesNotContain("secret", description, StringComparison.Ordinal);
        Assert.DoesNotContain("987654", description, StringComparison.Ordinal);
        Assert.Matches(@"^Code: \d+\. DB::Exception: [A-Z_]+", description);
    }

    [Fact]
    public void A_violated_constraint_is_named() =>
        Assert.Contains("`positive`", ServerError.Of(HttpStatusCode.InternalServerError, null, "Code: 469. DB::Exception: Constraint `positive` for table db.t (9b1c) is violated at row 3. Expression: (a > 0). (VIOLATED_CONSTRAINT)", null).Describe(), StringComparison.Ordinal);
}
