using Cdc.Debezium.Internal;
using FsCheck;
using FsCheck.Fluent;
using System.Globalization;
using System.Numerics;

namespace Cdc.Debezium.Tests.Values;

public sealed class NumberTests
{
    private static readonly SourceType Variable = OneCell.Type(ValueKind.Number, WireForm.DecimalStruct);

    [Theory]
    [InlineData("\"AA==\"", "0.00")]
    [InlineData("\"bg==\"", "1.10")]
    [InlineData("\"kg==\"", "-1.10")]
    [InlineData("\"/w==\"", "-0.01")]
    [InlineData("\"AIA=\"", "1.28")]
    [InlineData("\"gA==\"", "-1.28")]
    [InlineData("\"AUo=\"", "3.30")]
    [InlineData("\"AUo\\u003d\"", "3.30")]
    [InlineData("\"Qu0SOwvYIDoU\"", "12345678901234567890.12")]
    [InlineData("\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAbg==\"", "1.10")]
    [InlineData("\"////////////////////////////////////////////////////////////////kg==\"", "-1.10")]
    public void Base64_is_a_decimal_of_the_declared_scale(string json, string text)
    {
        var cell = new OneCell(OneCell.Type(ValueKind.Decimal, WireForm.DecimalBase64, 10, 2), json);
        Assert.Equal(text, cell.Text);
        Assert.Equal(BigInteger.Parse(text.Replace(".", "")), cell.Decimal(2));
        Assert.Equal(BigInteger.Parse(text.Replace(".", "")) * 1000, cell.Decimal(5));
    }

    [Theory]
    [InlineData("{\"scale\":4,\"value\":\"AYr3\"}", "10.1111")]
    [InlineData("{ \"value\" : \"AYr3\", \"scale\": 4 }", "10.1111")]
    [InlineData("{\"scale\":0,\"value\":\"ZA==\"}", "100")]
    [InlineData("{\"scale\":-3,\"value\":\"ZA==\"}", "100000")]
    [InlineData("{\"scale\":3,\"value\":\"AA==\"}", "0.000")]
    [InlineData("{\"extra\":[{\"scale\":1}],\"scale\":20,\"value\":\"AQ==\"}", "0.00000000000000000001")]
    public void A_struct_brings_its_own_scale(string json, string text) => Assert.Equal(text, new OneCell(Variable, json).Text);

    [Theory]
    [InlineData("12345678901234567890.10", "12345678901234567890.10")]
    [InlineData("1E+3", "1000")]
    [InlineData("1.25e2", "125")]
    [InlineData("1.250E1", "12.50")]
    [InlineData("-1E-3", "-0.001")]
    [InlineData("0", "0")]
    [InlineData("-0.0", "0.0")]
    public void A_JSON_number_keeps_its_digits(string json, string text)
    {
        Assert.Equal(text, new OneCell(OneCell.Type(ValueKind.Number, WireForm.DecimalNumber), json).Text);
        Assert.Equal(text, new OneCell(OneCell.Type(ValueKind.Number, WireForm.DecimalText), $"\"{json}\"").Text);
    }

    [Theory]
    [InlineData("NAN", "NaN", RefusalReason.NotANumber)]
    [InlineData("POSITIVE_INFINITY", "Infinity", RefusalReason.Infinity)]
    [InlineData("NEGATIVE_INFINITY", "-Infinity", RefusalReason.Infinity)]
    public void What_is_no_number_has_a_text_and_no_decimal(string sent, string text, RefusalReason reason)
    {
        var cell = new OneCell(OneCell.Type(ValueKind.Number, WireForm.DecimalText), $"\"{sent}\"");
        Assert.Equal(text, cell.Text);
        Assert.Equal(reason, Assert.Throws<ValueRefusedException>(() => cell.Decimal(2)).Reason);
    }

    [Theory]
    [InlineData("\"1.005\"", 9, 2, 4, RefusalReason.Precision)]
    [InlineData("\"10000000\"", 9, 2, 4, RefusalReason.OutOfRange)]
    [InlineData("\"1E400\"", 76, 0, 32, RefusalReason.OutOfRange)]
    [InlineData("\"1E-999999999\"", 76, 10, 32, RefusalReason.Precision)]
    [InlineData("\"10000000000000000000000000000000000000000000000000000000000000000000000000000\"", 76, 0, 32, RefusalReason.OutOfRange)]
    public void A_decimal_that_does_not_fit_is_refused_by_name(string json, int precision, int scale, int bytes, RefusalReason reason) =>
        Assert.Equal(reason, Assert.Throws<ValueRefusedException>(() => new OneCell(OneCell.Type(ValueKind.Number, WireForm.DecimalText), json).Decimal(scale, precision, bytes)).Reason);

    [Fact]
    public void Numbers_of_a_thousand_digits_have_a_text_in_every_form()
    {
        var digits = "-7" + new string('3', 999);
        var value = BigInteger.Parse(digits);
        Assert.Equal(digits, new OneCell(OneCell.Type(ValueKind.Number, WireForm.DecimalText), $"\"{digits}\"").Text);
        Assert.Equal(digits[..901] + "." + digits[901..], new OneCell(Variable, Struct(value, 100)).Text);
        Assert.Equal(RefusalReason.OutOfRange, Assert.Throws<ValueRefusedException>(() => new OneCell(Variable, Struct(value, 0)).Decimal(0)).Reason);
        Assert.Equal(RefusalReason.Precision, Assert.Throws<ValueRefusedException>(() => new OneCell(Variable, Struct(value, 999)).Decimal(70)).Reason);
    }

    [Fact]
    public void Text_base64_and_struct_agree_with_BigInteger()
    {
        var numbers = from bytes in Gen.ArrayOf(Gen.Choose(0, 255)) from scale in Gen.Choose(0, 60) from wanted in Gen.Choose(0, 76) from precision in Gen.Choose(1, 76)
                      select (Value: new BigInteger(bytes.Take(34).Select(b => (byte)b).ToArray()), Scale: scale, Wanted: Math.Min(wanted, precision), Precision: precision);
        Prop.ForAll(numbers.ToArbitrary(), n =>
        {
            var text = Plain(n.Value, n.Scale);
            OneCell[] cells =
            [
                new(OneCell.Type(ValueKind.Number, WireForm.DecimalText), $"\"{text}\""),
                new(OneCell.Type(ValueKind.Number, WireForm.DecimalNumber), text),
                new(OneCell.Type(ValueKind.Decimal, WireForm.DecimalBase64, 76, n.Scale), $"\"{Base64(n.Value)}\""),
                new(Variable, Struct(n.Value, n.Scale)),
            ];
            var expected = Rescale(n.Value, n.Scale, n.Precision, n.Wanted);
            foreach (var cell in cells)
            {
                Assert.Equal(text, cell.Text);
                if (expected is { } unscaled) Assert.Equal(unscaled, cell.Decimal(n.Wanted, n.Precision));
                else Assert.True(Assert.Throws<ValueRefusedException>(() => cell.Decimal(n.Wanted, n.Precision)).Reason is RefusalReason.Precision or RefusalReason.OutOfRange);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(ValueKind.Int64, "9223372036854775807", "9223372036854775807")]
    [InlineData(ValueKind.Int64, "-9223372036854775808", "-9223372036854775808")]
    [InlineData(ValueKind.UInt64, "-1", "18446744073709551615")]
    [InlineData(ValueKind.UInt64, "18446744073709551615", "18446744073709551615")]
    [InlineData(ValueKind.Int32, "1.0", "1")]
    [InlineData(ValueKind.Int32, "1e3", "1000")]
    [InlineData(ValueKind.Int8, "true", "1")]
    [InlineData(ValueKind.Boolean, "1", "true")]
    [InlineData(ValueKind.Boolean, "0", "false")]
    [InlineData(ValueKind.Boolean, "true", "true")]
    public void Integers_and_booleans_are_exact(ValueKind kind, string json, string text) => Assert.Equal(text, new OneCell(OneCell.Type(kind), json).Text);

    [Theory]
    [InlineData(ValueKind.Int8, "300")]
    [InlineData(ValueKind.Int16, "32768")]
    [InlineData(ValueKind.UInt32, "-1")]
    [InlineData(ValueKind.UInt64, "18446744073709551616")]
    [InlineData(ValueKind.Int64, "9223372036854775808")]
    [InlineData(ValueKind.Int32, "1.5")]
    [InlineData(ValueKind.Int32, "\"1\"")]
    public void An_integer_outside_its_declared_type_is_malformed(ValueKind kind, string json) =>
        Assert.Throws<ChangeFormatException>(() => new OneCell(OneCell.Type(kind), json).Cell.GetInt64());

    [Fact]
    public void A_getter_too_small_refuses_and_a_TINYINT_that_is_no_boolean_too()
    {
        Assert.Equal(RefusalReason.OutOfRange, Assert.Throws<ValueRefusedException>(() => new OneCell(OneCell.Type(ValueKind.UInt64), "-1").Cell.GetInt64()).Reason);
        Assert.Equal(RefusalReason.OutOfRange, Assert.Throws<ValueRefusedException>(() => new OneCell(OneCell.Type(ValueKind.Int64), "-1").Cell.GetUInt64()).Reason);
        Assert.Equal(RefusalReason.OutOfRange, Assert.Throws<ValueRefusedException>(() => new OneCell(OneCell.Type(ValueKind.Int8), "5").Cell.GetBoolean()).Reason);
        Assert.Equal(ulong.MaxValue, new OneCell(OneCell.Type(ValueKind.UInt64), "-1").Cell.GetUInt64());
        Assert.Equal(ulong.MaxValue, new OneCell(OneCell.Type(ValueKind.UInt64), "-1").Decimal(0, 20));
    }

    [Fact]
    public void Floating_point_numbers_are_the_nearest_of_their_own_width()
    {
        Assert.Equal(3.3f, new OneCell(OneCell.Type(ValueKind.Float32), "3.3").Cell.GetSingle());
        Assert.Equal(1.0E10, new OneCell(OneCell.Type(ValueKind.Float64), "1.0E10").Cell.GetDouble());
        Assert.True(double.IsNegative(new OneCell(OneCell.Type(ValueKind.Float64), "-0.0").Cell.GetDouble()));
        Assert.True(double.IsNaN(new OneCell(OneCell.Type(ValueKind.Float64), "\"NaN\"").Cell.GetDouble()));
        Assert.Equal(float.NegativeInfinity, new OneCell(OneCell.Type(ValueKind.Float32), "\"-Infinity\"").Cell.GetSingle());
        Assert.Equal("Infinity", new OneCell(OneCell.Type(ValueKind.Float64), "\"Infinity\"").Text);
        Assert.Throws<ValueRefusedException>(() => new OneCell(OneCell.Type(ValueKind.Float64), "1e400").Cell.GetDouble());
        Assert.Throws<ChangeFormatException>(() => new OneCell(OneCell.Type(ValueKind.Float64), "\"1.5\"").Cell.GetDouble());
    }

    private static string Base64(BigInteger value) => Convert.ToBase64String(value.ToByteArray(isBigEndian: true));

    private static string Struct(BigInteger value, int scale) => $"{{\"scale\":{scale},\"value\":\"{Base64(value)}\"}}";

    private static string Plain(BigInteger value, int scale)
    {
        var digits = BigInteger.Abs(value).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return $"{(value.Sign < 0 ? "-" : "")}{digits[..^scale]}{(scale > 0 ? "." : "")}{digits[^scale..]}";
    }

    private static BigInteger? Rescale(BigInteger value, int from, int precision, int to)
    {
        var power = BigInteger.Pow(10, Math.Abs(to - from));
        if (to < from && !(value % power).IsZero) return null;
        var result = to < from ? value / power : value * power;
        return BigInteger.Abs(result) < BigInteger.Pow(10, precision) ? result : null;
    }
}
