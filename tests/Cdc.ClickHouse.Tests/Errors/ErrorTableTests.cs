using System.Net;
using Cdc.ClickHouse.Internal.Errors;

namespace Cdc.ClickHouse.Tests.Errors;

public class ErrorTableTests
{
    [Theory]
    [InlineData("Transient", 3, 160, 202, 203, 198, 279, 373, 439, 733, 745, 749, 762, 763, 236, 692, 517, 242, 225, 254, 285, 286, 289, 369, 904)]
    [InlineData("Transient", 241, 173, 777, 778, 158, 307, 396, 425, 1000, 1002)]
    [InlineData("Ambiguous", 159, 209, 210, 319, 999, 394, 734, 735, 677, 659)]
    [InlineData("Long", 164, 201, 243, 75, 76, 499, 776, 1001, 49, 192, 193, 194, 516, 497, 720, 767)]
    [InlineData("Schema", 16, 8, 10, 47, 20, 53, 43, 27, 32, 33, 131, 40, 271)]
    [InlineData("Data", 70, 349, 407, 69, 321, 38, 41, 72, 6, 691, 117, 469)]
    [InlineData("Permanent", 60, 81, 218, 774, 48, 62, 36, 115, 452, 764)]
    [InlineData("Success", 389)]
    public void Every_known_code_has_its_class(string expected, params int[] codes)
    {
        foreach (var code in codes) Assert.Equal(expected, ErrorTable.Classify(code, "", HttpStatusCode.InternalServerError).Class.ToString());
    }

    [Theory]
    [InlineData(413, "Transient")]
    [InlineData(401, "Long")]
    [InlineData(403, "Long")]
    [InlineData(404, "Permanent")]
    [InlineData(301, "Permanent")]
    [InlineData(307, "Permanent")]
    [InlineData(408, "Ambiguous")]
    [InlineData(429, "Ambiguous")]
    [InlineData(500, "Ambiguous")]
    [InlineData(502, "Ambiguous")]
    [InlineData(503, "Ambiguous")]
    [InlineData(504, "Ambiguous")]
    [InlineData(200, "Ambiguous")]
    public void Without_a_code_the_status_decides(int status, string expected) =>
        Assert.Equal(expected, ErrorTable.Classify(0, "", (HttpStatusCode)status).Class.ToString());

    [Fact]
    public void Too_many_parts_heal_and_too_many_partitions_in_one_block_do_not()
    {
        Assert.Equal(new ErrorRule(ErrorClass.Transient), Classify(252, "Too many parts (300 with average size of 1.00 KiB) in table"));
        var partitions = Classify(252, "Too many partitions for single INSERT block (more than 100)");
        Assert.Equal((ErrorClass.Permanent, true), (partitions.Class, partitions.Halve));
    }

    [Fact]
    public void A_column_of_another_type_in_the_header_is_drift_and_a_bad_value_is_a_rows()
    {
        Assert.Equal(ErrorClass.Schema, Classify(117, "Type of 'a' must be Int64, not Int32: (while reading header)").Class);
        Assert.Equal(ErrorClass.Schema, Classify(117, "Unknown field found in Native header: x").Class);
        Assert.Equal(ErrorClass.Data, Classify(117, "Incorrect data: is_deleted is neither 0 nor 1").Class);
    }

    [Fact]
    public void An_unknown_code_is_tried_five_times_and_never_laid_on_a_row()
    {
        var rule = Classify(54321, "Something new");
        Assert.Equal((ErrorClass.Transient, 5, ErrorClass.Permanent), (rule.Class, rule.Tries, rule.Then));
    }

    [Fact]
    public void Memory_that_one_row_exceeds_needs_an_operator_and_a_limit_that_one_row_exceeds_never_heals()
    {
        Assert.Equal((true, ErrorClass.Long), (Classify(241, "").Halve, Classify(241, "").Then));
        Assert.Equal((true, ErrorClass.Permanent), (Classify(158, "").Halve, Classify(158, "").Then));
        Assert.Equal((3, ErrorClass.Permanent), (Classify(49, "").Tries, Classify(49, "").Then));
        Assert.Equal(ErrorClass.Long, Classify(1002, "").Then);
    }

    [Theory]
    [InlineData(192), InlineData(193), InlineData(194), InlineData(516), InlineData(720)]
    public void Refused_credentials_are_asked_for_again(int code) => Assert.True(Classify(code, "").Credentials);

    private static ErrorRule Classify(int code, string message) => ErrorTable.Classify(code, message, HttpStatusCode.InternalServerError);
}
