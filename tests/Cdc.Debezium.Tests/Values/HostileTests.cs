using System.Text;
using Cdc.Debezium.Internal;

namespace Cdc.Debezium.Tests.Values;

public sealed class HostileTests
{
    private const string Secret = "s3cr3tV4lue";

    [Fact]
    public void Any_bytes_under_any_type_give_a_value_or_an_error_by_name_that_does_not_show_them()
    {
        var random = new Random(20260727);
        string[] seeds =
        [
            Secret, "", "{", "[", "]", "{}", "[]", "[1,", "[,]", "[1 2]", "{\"scale\":", "{\"scale\":2147483647,\"value\":\"AA==\"}", "{\"scale\":-2147483648,\"value\":\"AA==\"}",
            "{\"scale\":1,\"value\":\"\"}", "{\"x\":1,\"y\":}", "{\"x\":1,\"y\":2}", "{\"wkb\":\"AA\"}", "-", "--1", "1e", "1e99999999999", "-1e-99999999999", "9223372036854775808", "-9223372036854775808",
            "99999999999999999999999999999999999999999", "0x10", "\\", "\\u", "\\u12", "\\ud800", "true", "null", "NaN", "+1", "2024-02-29T13:45:30.123456Z", "2024-02-29", "24:00:00Z",
            "+999999999-12-31T24:00:00Z", "-999999999-01-01T00:00:00-18:00", "999999999:59:59.999999999", "AUo=", "\u00e9\u65e5", new string('9', 3_000), new string('[', 3_000), new string('A', 3_000),
        ];
        var types = Types();
        for (var round = 0; round < 6_000; round++)
        {
            var raw = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            if (random.Next(2) == 0) raw = Mutate(raw, random);
            var cell = new OneCell(types[random.Next(types.Length)], (byte)random.Next(0, 9), raw);
            foreach (var get in Getters)
            {
                try
                {
                    get(cell);
                }
                catch (CdcException e)
                {
                    Assert.DoesNotContain(Secret, e.Message, StringComparison.Ordinal);
                    Assert.True(e is ChangeFormatException or ValueRefusedException, e.ToString());
                    if (raw.Length > 16) Assert.DoesNotContain(Encoding.UTF8.GetString(raw), e.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Theory]
    [InlineData(ValueKind.Decimal, nameof(WireForm.DecimalBase64), "decimal.handling.mode")]
    [InlineData(ValueKind.Number, nameof(WireForm.DecimalStruct), "decimal.handling.mode")]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.Microseconds), "time.precision.mode")]
    [InlineData(ValueKind.Interval, nameof(WireForm.Microseconds), "interval.handling.mode")]
    [InlineData(ValueKind.Map, nameof(WireForm.StringMap), "hstore.handling.mode")]
    [InlineData(ValueKind.Bytes, nameof(WireForm.BytesHex), "binary.handling.mode")]
    [InlineData(ValueKind.Int32, nameof(WireForm.Plain), "catalog")]
    public void A_contradiction_says_where_and_which_setting_to_check(ValueKind kind, string form, string setting)
    {
        var error = Assert.Throws<ChangeFormatException>(() => new OneCell(OneCell.Type(kind, form), $"\"{Secret}\"").Text);
        Assert.Contains(setting, error.Message, StringComparison.Ordinal);
        Assert.Contains("db.s.t", error.Message, StringComparison.Ordinal);
        Assert.Contains("$.after.c", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.Message, StringComparison.Ordinal);
    }

    private static readonly Action<OneCell>[] Getters =
    [
        c => c.Cell.GetBoolean(), c => c.Cell.GetInt64(), c => c.Cell.GetUInt64(), c => c.Cell.GetSingle(), c => c.Cell.GetDouble(), c => c.Decimal(10), c => c.Decimal(2, 9, 4),
        c => c.Cell.GetUuid(), c => c.Cell.GetDate(), c => c.Cell.GetTime(6), c => c.Cell.GetTimestamp(3), c => c.Cell.GetTimestamp(9), c => c.Cell.GetPoint(), c => _ = c.Text, c => _ = c.Bytes,
        c =>
        {
            var position = 0;
            while (c.Cell.TryGetNextElement(ref position, out _))
            {
            }
        },
    ];

    private static SourceType[] Types()
    {
        var types = new List<SourceType>();
        foreach (var kind in Enum.GetValues<ValueKind>())
        {
            foreach (var form in Enum.GetValues<WireForm>())
            {
                types.Add(OneCell.Type(kind, form, 10, 2, element: kind == ValueKind.Array ? OneCell.Type(ValueKind.Number, WireForm.DecimalStruct) : null));
            }
        }

        return [.. types];
    }

    private static byte[] Mutate(byte[] raw, Random random)
    {
        if (raw.Length == 0) return [(byte)random.Next(128)];
        var copy = raw[..random.Next(1, raw.Length + 1)];
        for (var i = 0; i < 2; i++) copy[random.Next(copy.Length)] = (byte)random.Next(0x20, 0x7F);
        return copy;
    }
}
