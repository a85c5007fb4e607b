namespace Cdc.Abstractions.Tests;

public class SourceMessageTests
{
    [Fact]
    public void A_null_array_is_a_null_value_and_an_empty_array_is_not()
    {
        byte[]? none = null;

        Assert.Null(new SourceMessage("t", 0, 0, none, none).Value);
        Assert.Null(new SourceMessage("t", 0, 0, null, null).Key);
        Assert.NotNull(new SourceMessage("t", 0, 0, Array.Empty<byte>(), Array.Empty<byte>()).Value);
    }
}
