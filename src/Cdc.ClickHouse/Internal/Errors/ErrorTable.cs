using System.Collections.Frozen;
using System.Net;

namespace Cdc.ClickHouse.Internal.Errors;

/// <summary>What every known error of the server means for an insert. The codes are those of ErrorCodes.cpp.</summary>
internal static class ErrorTable
{
    /// <summary>An unknown code is never laid on a row: it is retried a few times, then the table stops.</summary>
    private static readonly ErrorRule Unknown = new(ErrorClass.Transient) { Tries = 5, Then = ErrorClass.Permanent };

    private static readonly FrozenDictionary<int, ErrorRule> Codes = Build();

    public static ErrorRule Classify(int code, string message, HttpStatusCode status) => code switch
    {
        0 => ClassifyStatus(status),
        // One code for two things: too many parts heal by merging, too many partitions in one block never do.
        252 => message.Contains("partitions for single INSERT block", StringComparison.OrdinalIgnoreCase)
            ? new ErrorRule(ErrorClass.Permanent) { Halve = true }
            : new ErrorRule(ErrorClass.Transient),
        // An unknown column or another type in the block's header is the table's doing, a bad value is a row's.
        117 when message.Contains("header", StringComparison.OrdinalIgnoreCase)
            || message.Contains("Unknown field", StringComparison.OrdinalIgnoreCase)
            || message.Contains("Type of", StringComparison.Ordinal) => new ErrorRule(ErrorClass.Schema),
        _ => Codes.GetValueOrDefault(code, Unknown),
    };

    private static ErrorRule ClassifyStatus(HttpStatusCode status) => (int)status switch
    {
        413 => new ErrorRule(ErrorClass.Transient) { Halve = true, Then = ErrorClass.Permanent },
        401 or 403 => new ErrorRule(ErrorClass.Long) { Credentials = true },
        404 => new ErrorRule(ErrorClass.Permanent),
        >= 300 and < 400 => new ErrorRule(ErrorClass.Permanent),
        408 or 429 or >= 500 => new ErrorRule(ErrorClass.Ambiguous),
        >= 200 and < 300 => new ErrorRule(ErrorClass.Ambiguous),
        _ => Unknown,
    };

    private static FrozenDictionary<int, ErrorRule> Build()
    {
        var rules = new Dictionary<int, ErrorRule>();
        void Add(ErrorRule rule, params ReadOnlySpan<int> codes)
        {
            foreach (var code in codes) rules.Add(code, rule);
        }

        Add(new(ErrorClass.Success), 389);
        Add(new(ErrorClass.Transient), 3, 160, 202, 203, 198, 279, 373, 439, 733, 745, 749, 762, 763, 236, 692, 517, 242);
        Add(new(ErrorClass.Transient), 225, 254, 285, 286, 289, 369, 904);
        Add(new(ErrorClass.Transient) { Halve = true, Then = ErrorClass.Long }, 241, 173, 777, 778);
        Add(new(ErrorClass.Transient) { Halve = true, Then = ErrorClass.Permanent }, 158, 307, 396);
        Add(new(ErrorClass.Transient) { Tries = 5, Then = ErrorClass.Long }, 425, 1000, 1002);
        Add(new(ErrorClass.Ambiguous), 159, 209, 210, 319, 999, 394, 734, 735, 677, 659);
        Add(new(ErrorClass.Long), 164, 201, 243, 75, 76, 499, 776, 1001);
        Add(new(ErrorClass.Long) { Tries = 3, Then = ErrorClass.Permanent }, 49);
        Add(new(ErrorClass.Long) { Credentials = true }, 192, 193, 194, 516, 497, 720, 767);
        Add(new(ErrorClass.Schema), 16, 8, 10, 47, 20, 53, 43, 27, 32, 33, 131, 40, 271);
        Add(new(ErrorClass.Data), 70, 349, 407, 69, 321, 38, 41, 72, 6, 691, 117, 469);
        Add(new(ErrorClass.Permanent), 60, 81, 218, 774, 48, 62, 36, 115, 452, 764);
        return rules.ToFrozenDictionary();
    }
}
