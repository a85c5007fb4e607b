using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Cdc.Debezium.Internal;
using Cdc.Debezium.Internal.Values;
using FsCheck;
using FsCheck.Fluent;

namespace Cdc.Debezium.Tests.Values;

public sealed class TextAndBytesTests
{
    private static readonly SourceType Text = OneCell.Type(ValueKind.String);

    [Theory]
    [InlineData("\"a\\u0001\\uD83D\\uDE00\"", "a\u0001😀")]
    [InlineData("\"ab   \"", "ab   ")]
    [InlineData("\"\"", "")]
    [InlineData("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t")]
    [InlineData("\"\u2028é日本🦀\"", "\u2028é日本🦀")]
    public void Text_is_what_the_JSON_string_means(string json, string text) => Assert.Equal(text, new OneCell(Text, json).Text);

    [Theory]
    [InlineData("\"\\uD83D\"")]
    [InlineData("\"\\uD83Dx\"")]
    [InlineData("\"\\uD83D\\u0041\"")]
    [InlineData("\"\\uDE00\\uD83D\"")]
    [InlineData("\"\\uZZZZ\"")]
    [InlineData("\"\\u12\"")]
    [InlineData("\"\\x\"")]
    public void Half_a_surrogate_pair_or_a_broken_escape_is_malformed(string json) => Assert.Throws<ChangeFormatException>(() => new OneCell(Text, json).Text);

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("[1]")]
    [InlineData("5")]
    [InlineData("true")]
    public void What_is_no_string_where_text_is_declared_is_malformed(string json) => Assert.Throws<ChangeFormatException>(() => new OneCell(Text, json).Text);

    [Fact]
    public void Json_text_is_kept_as_sent_and_JSON_null_is_a_text()
    {
        Assert.Equal("{\"a\": 1}", new OneCell(OneCell.Type(ValueKind.Json), "\"{\\\"a\\\": 1}\"").Text);
        Assert.Equal("null", new OneCell(OneCell.Type(ValueKind.Json), "\"null\"").Text);
        Assert.Equal("{ \"a\" : 1.0 }", new OneCell(OneCell.Type(ValueKind.Unknown, WireForm.JsonText), "{ \"a\" : 1.0 }").Text);
    }

    [Fact]
    public void Escapes_agree_with_JsonDocument()
    {
        var strings = from characters in Gen.ArrayOf(Gen.OneOf(Gen.Choose(0, 0x7F), Gen.Choose(0, 0x2FF), Gen.Choose(0xD800, 0xDFFF), Gen.Choose(0x2000, 0x2030))) select string.Concat(characters.Select(c => (char)c));
        Prop.ForAll(strings.ToArbitrary(), s =>
        {
            var all = $"\"{string.Concat(s.Select(c => $"\\u{(int)c:x4}"))}\"";
            if (!HasLoneSurrogate(s))
            {
                var serialized = JsonSerializer.Serialize(s);
                Assert.Equal(JsonDocument.Parse(serialized).RootElement.GetString(), new OneCell(Text, serialized).Text);
                Assert.Equal(s, new OneCell(Text, all).Text);
            }
            else
            {
                Assert.Throws<ChangeFormatException>(() => new OneCell(Text, all).Text);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Base64_its_safe_alphabet_and_hexadecimal_digits_agree_with_the_BCL()
    {
        var arrays = from values in Gen.ArrayOf(Gen.Choose(0, 255)) select values.Select(v => (byte)v).ToArray();
        Prop.ForAll(arrays.ToArbitrary(), bytes =>
        {
            var base64 = Convert.ToBase64String(bytes);
            (string Json, WireForm Form)[] sent =
            [
                (base64, WireForm.BytesBase64),
                (base64.Replace("+", "\\u002B").Replace("/", "\\/"), WireForm.BytesBase64),
                (base64.Replace('+', '-').Replace('/', '_'), WireForm.BytesBase64Url),
                (Base64Url.EncodeToString(bytes), WireForm.BytesBase64Url),
                (Convert.ToHexString(bytes), WireForm.BytesHex),
                (Convert.ToHexStringLower(bytes), WireForm.BytesHex),
            ];
            foreach (var (json, form) in sent)
            {
                var cell = new OneCell(OneCell.Type(ValueKind.Bytes, form), $"\"{json}\"");
                Assert.Equal(bytes, cell.Bytes);
                Assert.Equal(base64, cell.Text);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("QA==", new byte[] { 0x40 })]
    [InlineData("", new byte[0])]
    [InlineData("AAAAAAAAAIA=", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x80 })]
    [InlineData("QAAA", new byte[] { 0x40 })]
    public void Bits_are_little_endian_without_trailing_zeros_whatever_the_binary_mode(string base64, byte[] bytes)
    {
        Assert.Equal(bytes, new OneCell(OneCell.Type(ValueKind.Bits, WireForm.BytesBase64), $"\"{base64}\"").Bytes);
        Assert.Equal(bytes, new OneCell(OneCell.Type(ValueKind.Bits, WireForm.BytesHex), $"\"{base64}\"").Bytes);
    }

    [Theory]
    [InlineData(ValueKind.Bytes, nameof(WireForm.BytesBase64), "\"A\"")]
    [InlineData(ValueKind.Bytes, nameof(WireForm.BytesBase64), "\"__debezium\"")]
    [InlineData(ValueKind.Bytes, nameof(WireForm.BytesHex), "\"abc\"")]
    [InlineData(ValueKind.Bytes, nameof(WireForm.BytesHex), "\"zz\"")]
    [InlineData(ValueKind.Bytes, nameof(WireForm.BytesBase64Url), "\"a+/b\"")]
    [InlineData(ValueKind.Bytes, nameof(WireForm.BytesBase64), "5")]
    [InlineData(ValueKind.Geometry, nameof(WireForm.GeometryStruct), "{\"srid\":1}")]
    [InlineData(ValueKind.Geometry, nameof(WireForm.GeometryStruct), "{\"wkb\":null}")]
    public void What_is_not_in_the_declared_encoding_is_malformed(ValueKind kind, string form, string json) =>
        Assert.Throws<ChangeFormatException>(() => new OneCell(OneCell.Type(kind, form), json).Bytes);

    [Fact]
    public void A_geometry_is_its_well_known_bytes_and_a_point_its_coordinates()
    {
        var geometry = new OneCell(OneCell.Type(ValueKind.Geometry, WireForm.GeometryStruct), """{"srid":4326,"wkb":"AQEAACDmEAAAAAAAAAAA8D8AAAAAAADwPw=="}""");
        Assert.Equal("0101000020E6100000000000000000F03F000000000000F03F", Convert.ToHexString(geometry.Bytes));
        var point = new OneCell(OneCell.Type(ValueKind.Point, WireForm.PointStruct), """{"x":1.5,"y":"-Infinity","wkb":"AA==","srid":null}""");
        Assert.Equal((1.5, double.NegativeInfinity), point.Cell.GetPoint());
        Assert.Equal("""{"x":1.5,"y":"-Infinity"}""", point.Text);
    }

    [Theory]
    [InlineData("\"123E4567-E89B-12D3-A456-426614174000\"", "123e4567-e89b-12d3-a456-426614174000")]
    [InlineData("\"00000000-0000-0000-0000-000000000001\"", "00000000-0000-0000-0000-000000000001")]
    public void A_UUID_is_in_lower_case(string json, string text)
    {
        var cell = new OneCell(OneCell.Type(ValueKind.Uuid), json);
        Assert.Equal(text, cell.Text);
        Assert.Equal(UInt128.Parse(text.Replace("-", ""), System.Globalization.NumberStyles.HexNumber), cell.Cell.GetUuid());
        foreach (var broken in (string[])["\"123e4567e89b12d3a456426614174000\"", "\"+23e4567-e89b-12d3-a456-426614174000\"", "\"0x3e4567-e89b-12d3-a456-426614174000\"", "5"])
        {
            Assert.Throws<ChangeFormatException>(() => new OneCell(OneCell.Type(ValueKind.Uuid), broken).Cell.GetUuid());
        }
    }

    [Fact]
    public void Arrays_are_JSON_without_blanks_of_their_elements_texts()
    {
        Assert.Equal("[1,null,3]", Array(OneCell.Type(ValueKind.Int32), "[ 1 , null , 3 ]"));
        Assert.Equal("[]", Array(OneCell.Type(ValueKind.Int32), "[ ]"));
        Assert.Equal("[1.10,-1.10]", Array(OneCell.Type(ValueKind.Decimal, WireForm.DecimalBase64, 10, 2), """["bg==","kg=="]"""));
        Assert.Equal("[10.1111,null]", Array(OneCell.Type(ValueKind.Number, WireForm.DecimalStruct), """[{"scale":4,"value":"AYr3"}, null]"""));
        Assert.Equal("""["NaN",1.5]""", Array(OneCell.Type(ValueKind.Number, WireForm.DecimalText), """["NAN","1.5"]"""));
        Assert.Equal("""["2026-01-01T00:00:00.5Z"]""", Array(OneCell.Type(ValueKind.ZonedTimestamp, WireForm.IsoText), """["2026-01-01T00:00:00.500000Z"]"""));
        Assert.Equal("[[1,2],[null]]", Array(OneCell.Type(ValueKind.Array, WireForm.JsonArray, element: OneCell.Type(ValueKind.Int32)), "[[1, 2],[ null]]"));
        Assert.Equal("""["a]\",b","é\n😀","/"]""", Array(Text, """["a]\",b","\u00e9\u000a\uD83D\uDE00","\/"]"""));
        Assert.Equal("""["1970-01-02"]""", Array(OneCell.Type(ValueKind.Date, WireForm.EpochDays), "[1]"));
        Assert.Equal("""[{"a":"1 2","b":null}]""", Array(OneCell.Type(ValueKind.Map, WireForm.StringMap), """[{ "a" : "1 2", "b": null }]"""));
    }

    [Fact]
    public void A_default_is_a_whole_JSON_value()
    {
        ColumnShape[] columns =
        [
            new("n", OneCell.Type(ValueKind.Decimal, WireForm.DecimalBase64, 10, 2), true) { Default = "\"AUo=\""u8.ToArray() },
            new("t", Text, true) { Default = "\"a\\nb\""u8.ToArray() },
            new("i", OneCell.Type(ValueKind.Int32), true) { Default = " 7 "u8.ToArray() },
            new("a", OneCell.Type(ValueKind.Array, WireForm.JsonArray, element: OneCell.Type(ValueKind.Int32)), true) { Default = "[1,2]"u8.ToArray() },
            new("b", OneCell.Type(ValueKind.Bytes, WireForm.BytesBase64), true) { Default = "\"AAE=\""u8.ToArray() },
        ];
        var shape = new TableShape(default, [.. columns], [], DebeziumDecoder.Instance, VersionLayout.Log);
        string[] texts = ["3.30", "a\nb", "7", "[1,2]", "AAE="];
        for (var i = 0; i < texts.Length; i++) Assert.Equal(texts[i], shape.DefaultCell(i).GetString());
        Assert.Equal(7, shape.DefaultCell(2).GetInt64());
    }

    private static string Array(SourceType element, string json) => new OneCell(OneCell.Type(ValueKind.Array, WireForm.JsonArray, element: element), json).Text;

    private static bool HasLoneSurrogate(string s)
    {
        for (var i = 0; i < s.Length; i++)
        {
            if (char.IsHighSurrogate(s[i]) && i + 1 < s.Length && char.IsLowSurrogate(s[i + 1])) i++;
            else if (char.IsSurrogate(s[i])) return true;
        }

        return false;
    }
}
