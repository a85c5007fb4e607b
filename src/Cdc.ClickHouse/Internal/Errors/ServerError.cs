using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Cdc.ClickHouse.Internal.Http;

namespace Cdc.ClickHouse.Internal.Errors;

/// <summary>What the server or something in front of it answered instead of success.</summary>
/// <param name="Code">ClickHouse's code, or 0 where the answer is not ClickHouse's.</param>
/// <param name="Status">The HTTP status; 0 where there was no answer at all.</param>
/// <param name="Text">The answer as it came: for classification only, it may quote values.</param>
internal sealed partial record ServerError(int Code, HttpStatusCode Status, string Text)
{
    /// <summary>How long the server asks to be left alone, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What failed where there was no answer, or null.</summary>
    public Exception? Cause { get; init; }

    /// <summary>Whether nobody answered, and not for a reason that needs an operator.</summary>
    public bool IsAway => Cause is not null && Rule.Class == ErrorClass.Ambiguous;

    public ErrorRule Rule => Cause switch
    {
        null => ErrorTable.Classify(Code, Text, Status),
        CredentialsException => new ErrorRule(ErrorClass.Long),
        { } cause when IsTlsFailure(cause) => new ErrorRule(ErrorClass.Long),
        // A server that is away comes back: no number of tries makes its silence a refusal.
        _ => new ErrorRule(ErrorClass.Ambiguous),
    };

    /// <summary>The answer in words that hold no value.</summary>
    /// <param name="verbatim">Whether the request held none, so that the server's own words cannot either.</param>
    public string Describe(bool verbatim = false)
    {
        if (Code != 0) return $"Code: {Code}. DB::Exception: {Words(verbatim)}";
        if (Cause is CredentialsException) return "the provider of credentials failed";
        if (Cause is { } cause) return IsTlsFailure(cause) ? "the TLS connection could not be made" : $"no answer ({cause.GetType().Name})";
        return (int)Status is >= 300 and < 400
            ? $"HTTP {(int)Status}: a redirect, which is never followed because it would carry the credentials elsewhere; set Endpoint to the final address"
            : $"HTTP {(int)Status} without an answer of ClickHouse";
    }

    /// <summary>Reads an answer: a page of a proxy that has numbers in it is not taken for one of ClickHouse's.</summary>
    public static ServerError Of(HttpStatusCode status, string? codeHeader, string body, TimeSpan? retryAfter)
    {
        if (!int.TryParse(codeHeader, NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code == 0)
        {
            var match = (int)status >= 400 ? Beginning().Match(body) : Match.Empty;
            code = match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
        }

        return new ServerError(code, status, body) { RetryAfter = retryAfter };
    }

    public static ServerError Of(Exception cause) => new(0, 0, "") { Cause = cause };

    /// <summary>
    /// The server's text may quote values anywhere, so an insert keeps only its error's name and a violated constraint's.
    /// A statement of ours that holds no value is told whole.
    /// </summary>
    private string Words(bool verbatim)
    {
        var body = Text[Beginning().Match(Text).Length..].Trim();
        if (verbatim) return body.Length <= 500 ? body : body[..500];
        var name = Name().Match(body) is { Success: true } match ? match.Groups[1].Value : "no name given";
        return Code == 469 && Constraint().Match(body) is { Success: true } constraint ? $"{name}, constraint {constraint.Groups[1].Value}" : name;
    }

    private static bool IsTlsFailure(Exception cause) =>
        cause is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or System.Security.Authentication.AuthenticationException;

    [GeneratedRegex(@"\A\s*Code: (\d{1,5})\. DB::(?:NetException|Exception|ErrnoException|ParsingException)[^:]*: ?", RegexOptions.CultureInvariant)]
    private static partial Regex Beginning();

    [GeneratedRegex(@"\(([A-Z][A-Z0-9_]{2,60})\)(?: \(version [^)]*\)+)?\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"\AConstraint (`(?:[^`\\]|\\.){1,200}`|\w{1,200}) for table", RegexOptions.CultureInvariant)]
    private static partial Regex Constraint();
}
