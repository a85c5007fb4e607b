using Cdc.Debezium.Internal;
using Cdc.Debezium.Internal.Values;

namespace Cdc.Debezium.Tests.Values;

public sealed class UnavailableValueTests
{
    private const string Codes = "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]";
    private static readonly UnavailableValue Default = new(UnavailableValue.DefaultPlaceholder);

    [Fact]
    public void Every_shape_of_the_placeholder_is_known()
    {
        foreach (var kind in (ValueKind[])[ValueKind.String, ValueKind.Json, ValueKind.Uuid, ValueKind.Enum, ValueKind.Unknown]) Is(OneCell.Type(kind), "\"__debezium_unavailable_value\"");
        Is(OneCell.Type(ValueKind.String), "\"__debezium\\u005funavailable_value\"");
        Is(OneCell.Type(ValueKind.Number, WireForm.DecimalText), "\"__debezium_unavailable_value\"");
        Is(OneCell.Type(ValueKind.Bytes, WireForm.BytesBase64), "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"");
        Is(OneCell.Type(ValueKind.Bytes, WireForm.BytesBase64Url), "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"");
        Is(OneCell.Type(ValueKind.Bytes, WireForm.BytesHex), "\"__debezium_unavailable_value\"");
        Is(OneCell.Type(ValueKind.Bytes, WireForm.BytesHex), "\"5f5f646562657a69756d5f756e617661696c61626c655f76616c7565\"");
        Is(Array(OneCell.Type(ValueKind.String)), "[\"__debezium_unavailable_value\"]");
        Is(Array(OneCell.Type(ValueKind.Json)), "[ \"__debezium_unavailable_value\" ]");
        Is(Array(OneCell.Type(ValueKind.Bytes, WireForm.BytesBase64)), "[\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"]");
        Is(Array(OneCell.Type(ValueKind.Bytes, WireForm.BytesHex)), "[\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"]");
        Is(Array(OneCell.Type(ValueKind.Int32)), Codes);
        Is(Array(OneCell.Type(ValueKind.Int64)), Codes.Replace(",", ", "));
        Is(Array(OneCell.Type(ValueKind.Date, WireForm.EpochDays)), Codes);
        Is(Array(OneCell.Type(ValueKind.Uuid)), "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]");
        Is(OneCell.Type(ValueKind.Map, WireForm.StringMap), "{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}");
        Is(OneCell.Type(ValueKind.Json), "\"{\\\"__debezium_unavailable_value\\\":\\\"__debezium_unavailable_value\\\"}\"");
    }

    [Theory]
    [InlineData(ValueKind.String, "\"__debezium_unavailable_value_x\"")]
    [InlineData(ValueKind.String, "\"__debezium_unavailable_valuE\"")]
    [InlineData(ValueKind.String, "\"\"")]
    [InlineData(ValueKind.String, "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"")]
    [InlineData(ValueKind.Int32, "95")]
    [InlineData(ValueKind.Json, "\"{\\\"a\\\":1}\"")]
    public void What_only_looks_like_it_is_a_value(ValueKind kind, string json) => IsNot(OneCell.Type(kind), json);

    [Fact]
    public void Arrays_that_only_begin_like_it_are_values()
    {
        IsNot(Array(OneCell.Type(ValueKind.String)), "[\"__debezium_unavailable_value\",null]");
        IsNot(Array(OneCell.Type(ValueKind.String)), "[]");
        IsNot(Array(OneCell.Type(ValueKind.Int32)), Codes.Replace("101]", "10]"));
        IsNot(Array(OneCell.Type(ValueKind.Int32)), "[95,95]");
        IsNot(Array(OneCell.Type(ValueKind.Uuid)), "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545b\"]");
        IsNot(OneCell.Type(ValueKind.Map, WireForm.StringMap), "{\"__debezium_unavailable_value\":null}");
    }

    [Fact]
    public void A_placeholder_of_ones_own_may_be_text_or_octets()
    {
        Is(OneCell.Type(ValueKind.String), "\"\\\"gone\\\"\"", new UnavailableValue("\"gone\""));
        Is(OneCell.Type(ValueKind.Bytes, WireForm.BytesBase64), "\"AP8=\"", new UnavailableValue("hex:00ff"));
        Is(Array(OneCell.Type(ValueKind.Int32)), "[0,-1]", new UnavailableValue("hex:00ff"));
        Assert.Throws<ArgumentException>(() => new UnavailableValue("hex:0"));
        Assert.Throws<ArgumentException>(() => new UnavailableValue(""));
    }

    private static SourceType Array(SourceType element) => OneCell.Type(ValueKind.Array, WireForm.JsonArray, element: element);

    private static void Is(SourceType type, string json, UnavailableValue? value = null) => Assert.True(Ask(type, json, value ?? Default), $"{type.Kind} {json}");

    private static void IsNot(SourceType type, string json) => Assert.False(Ask(type, json, Default), $"{type.Kind} {json}");

    private static bool Ask(SourceType type, string json, UnavailableValue value)
    {
        var cell = new OneCell(type, json).Cell;
        return value.Is(type, cell.Token, cell.Raw);
    }
}
