using System.Text.RegularExpressions;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>What the engine answered instead of a result: <c>Code: N. DB::Exception: …</c>.</summary>
internal sealed partial class EngineException(string message) : Exception(message)
{
    public EngineException(int code, string text, string name)
        : this($"Code: {code}. DB::Exception: {text}. ({name})")
    {
    }

    public int Code { get; } = CodeIn().Match(message) is { Success: true } found && int.TryParse(found.Groups[1].Value, out var code) ? code : 1002;

    /// <summary>The status that clickhouse-server gives to the same code (exceptionCodeToHTTPStatus.cpp).</summary>
    public int HttpStatus => Code switch
    {
        6 or 8 or 15 or 25 or 26 or 27 or 36 or 37 or 38 or 41 or 44 or 53 or 62 or 72 or 117 or 123 or 167 or 168 or 223
            or 321 or 376 or 427 or 441 or 675 or 676 => 400,
        192 or 193 or 497 or 512 or 516 => 403,
        46 or 47 or 50 or 56 or 60 or 63 or 73 or 78 or 81 or 115 or 152 or 336 or 511 => 404,
        159 => 408,
        381 => 411,
        229 => 413,
        48 => 501,
        76 or 209 or 439 => 503,
        _ => 500,
    };

    [GeneratedRegex(@"Code: (\d+)\.")]
    private static partial Regex CodeIn();
}
