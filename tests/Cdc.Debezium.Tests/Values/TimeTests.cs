using Cdc.Debezium.Internal;
using FsCheck;
using FsCheck.Fluent;

namespace Cdc.Debezium.Tests.Values;

public sealed class TimeTests
{
    [Theory]
    [InlineData(nameof(WireForm.Microseconds), "-1", "1969-12-31T23:59:59.999999")]
    [InlineData(nameof(WireForm.Milliseconds), "-1", "1969-12-31T23:59:59.999")]
    [InlineData(nameof(WireForm.Microseconds), "1531485825000000", "2018-07-13T12:43:45")]
    [InlineData(nameof(WireForm.Nanoseconds), "1531485825123456700", "2018-07-13T12:43:45.1234567")]
    [InlineData(nameof(WireForm.Microseconds), "-210831897600000001", "-4712-12-31T23:59:59.999999")]
    [InlineData(nameof(WireForm.Microseconds), "9223372036825200000", "infinity")]
    [InlineData(nameof(WireForm.Microseconds), "-9223372036832400000", "-infinity")]
    [InlineData(nameof(WireForm.Milliseconds), "9223372036825200", "infinity")]
    [InlineData(nameof(WireForm.Milliseconds), "-9223372036832400", "-infinity")]
    [InlineData(nameof(WireForm.Nanoseconds), "9223372036854775807", "infinity")]
    [InlineData(nameof(WireForm.Nanoseconds), "-9223372036854775808", "-infinity")]
    [InlineData(nameof(WireForm.IsoText), "\"+294247-01-10T04:00:25.2Z\"", "infinity")]
    [InlineData(nameof(WireForm.IsoText), "\"-290308-12-21T19:59:27.6Z\"", "-infinity")]
    [InlineData(nameof(WireForm.IsoText), "\"2019-07-09T02:28:57.1234Z\"", "2019-07-09T02:28:57.1234")]
    [InlineData(nameof(WireForm.Microseconds), "\"2019-07-09T02:28:57.1234Z\"", "2019-07-09T02:28:57.1234")]
    [InlineData(nameof(WireForm.IsoText), "\"2024-12-31T24:00:00Z\"", "2025-01-01T00:00:00")]
    public void A_timestamp_without_zone_is_the_wall_clock_that_was_sent(string form, string json, string text)
    {
        var cell = new OneCell(OneCell.Type(ValueKind.Timestamp, form), json);
        Assert.Equal(text, cell.Text);
        if (text == "infinity") Assert.Equal(Cell.PositiveInfinity, cell.Cell.GetTimestamp(6));
        if (text == "-infinity") Assert.Equal(Cell.NegativeInfinity, cell.Cell.GetTimestamp(3));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")]
    [InlineData("2026-01-01T00:00:00.120000Z", "2026-01-01T00:00:00.12Z")]
    [InlineData("+21016-11-04T06:51:30Z", "+21016-11-04T06:51:30Z")]
    [InlineData("-4713-12-31T23:59:59Z", "-4713-12-31T23:59:59Z")]
    [InlineData("2018-07-13T12:23:45.456+11:00", "2018-07-13T01:23:45.456Z")]
    [InlineData("2018-07-13T12:23:45-00:00:15", "2018-07-13T12:24:00Z")]
    [InlineData("infinity", "infinity")]
    [InlineData("-infinity", "-infinity")]
    public void An_instant_is_told_in_UTC(string sent, string text) => Assert.Equal(text, new OneCell(OneCell.Type(ValueKind.ZonedTimestamp, WireForm.IsoText), $"\"{sent}\"").Text);

    [Theory]
    [InlineData("-2147472692", "infinity")]
    [InlineData("-2147472691", "-infinity")]
    [InlineData("-622191233", "infinity")]
    [InlineData("-622191235", "infinity")]
    [InlineData("-625821272", "-infinity")]
    [InlineData("-625821271", "-infinity")]
    [InlineData("-719893", "-0001-01-01")]
    [InlineData("2932896", "9999-12-31")]
    [InlineData("2932897", "+10000-01-01")]
    [InlineData("2145042905", "+5874897-12-31")]
    [InlineData("\"-5877611-06-21Z\"", "infinity")]
    [InlineData("\"-5877611-06-22Z\"", "-infinity")]
    [InlineData("\"+292278994-08-16Z\"", "infinity")]
    [InlineData("\"+292278994-08-17Z\"", "infinity")]
    [InlineData("\"+292269055-12-02Z\"", "-infinity")]
    [InlineData("\"+292269055-12-03Z\"", "-infinity")]
    [InlineData("\"infinity\"", "infinity")]
    [InlineData("\"-0043-03-15Z\"", "-0043-03-15")]
    [InlineData("\"2000-02-29\"", "2000-02-29")]
    public void A_date_or_one_of_Debeziums_forms_of_infinity(string json, string text) => Assert.Equal(text, new OneCell(OneCell.Type(ValueKind.Date, WireForm.EpochDays), json).Text);

    [Theory]
    [InlineData(nameof(WireForm.Microseconds), "86400000000", "24:00:00", 86_400_000_000)]
    [InlineData(nameof(WireForm.Microseconds), "-3020399000000", "-838:59:59", -3_020_399_000_000)]
    [InlineData(nameof(WireForm.Milliseconds), "86399999", "23:59:59.999", 86_399_999_000)]
    [InlineData(nameof(WireForm.Nanoseconds), "86399999999000", "23:59:59.999999", 86_399_999_999)]
    [InlineData(nameof(WireForm.IsoText), "\"04:05:11.789Z\"", "04:05:11.789", 14_711_789_000)]
    [InlineData(nameof(WireForm.IsoText), "\"-838:59:59.000001\"", "-838:59:59.000001", -3_020_399_000_001)]
    public void A_time_may_be_midnight_at_its_end_negative_or_longer_than_a_day(string form, string json, string text, long microseconds)
    {
        var cell = new OneCell(OneCell.Type(ValueKind.Time, form), json);
        Assert.Equal(text, cell.Text);
        Assert.Equal(microseconds, cell.Cell.GetTime(6));
    }

    [Theory]
    [InlineData("24:00:00Z", "24:00:00Z")]
    [InlineData("11:51:30.123789Z", "11:51:30.123789Z")]
    [InlineData("00:30:00+02:00", "22:30:00Z")]
    public void A_time_with_a_zone_is_told_in_UTC(string sent, string text) => Assert.Equal(text, new OneCell(OneCell.Type(ValueKind.ZonedTime, WireForm.IsoText), $"\"{sent}\"").Text);

    [Theory]
    [InlineData(0, "2024-02-29T13:45:30.000001Z")]
    [InlineData(3, "2024-02-29T13:45:30.0001Z")]
    [InlineData(6, "2024-02-29T13:45:30.0000001Z")]
    public void More_digits_than_the_target_holds_are_refused(int digits, string sent)
    {
        var cell = new OneCell(OneCell.Type(ValueKind.ZonedTimestamp, WireForm.IsoText), $"\"{sent}\"");
        Assert.Equal(RefusalReason.Precision, Assert.Throws<ValueRefusedException>(() => cell.Cell.GetTimestamp(digits)).Reason);
    }

    [Theory]
    [InlineData(nameof(WireForm.Milliseconds), "9223372036854775807")]
    [InlineData(nameof(WireForm.IsoText), "\"2262-04-11T23:47:16.854775807Z\"")]
    [InlineData(nameof(WireForm.IsoText), "\"+999999999-12-31T23:59:59Z\"")]
    public void A_timestamp_beyond_the_unit_is_refused(string form, string json)
    {
        var cell = new OneCell(OneCell.Type(ValueKind.Timestamp, form), json);
        Assert.Equal(RefusalReason.OutOfRange, Assert.Throws<ValueRefusedException>(() => cell.Cell.GetTimestamp(9)).Reason);
    }

    [Theory]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.IsoText), "1531485825000000")]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.EpochDays), "1")]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.IsoText), "\"2024-02-30T00:00:00Z\"")]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.IsoText), "\"2024-02-29T13:45:30+01:00\"")]
    [InlineData(ValueKind.ZonedTimestamp, nameof(WireForm.IsoText), "\"2024-02-29T13:45:30\"")]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.IsoText), "\"2024-02-29T13:45:30.0000000001Z\"")]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.IsoText), "\"2024-02-29T24:00:01Z\"")]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.IsoText), "\"2024-02-29T13:60:00Z\"")]
    [InlineData(ValueKind.Timestamp, nameof(WireForm.Microseconds), "1.5")]
    public void What_is_no_timestamp_is_malformed(ValueKind kind, string form, string json) =>
        Assert.Throws<ChangeFormatException>(() => new OneCell(OneCell.Type(kind, form), json).Cell.GetTimestamp(6));

    [Fact]
    public void Digits_of_the_declared_precision_are_written()
    {
        Assert.Equal("1970-01-01T00:00:00.000", new OneCell(OneCell.Type(ValueKind.Timestamp, WireForm.Milliseconds, 3), "0").Text);
        Assert.Equal("1970-01-01T00:00:00.000000Z", new OneCell(OneCell.Type(ValueKind.ZonedTimestamp, WireForm.IsoText, 6), "\"1970-01-01T00:00:00Z\"").Text);
    }

    [Fact]
    public void Timestamps_in_every_form_agree_with_DateTime()
    {
        var ticks = from high in Gen.Choose(0, int.MaxValue) from low in Gen.Choose(0, int.MaxValue) select (((long)high << 31) | (long)low) % DateTime.MaxValue.Ticks;
        Prop.ForAll(ticks.ToArbitrary(), t =>
        {
            var time = new DateTime(t, DateTimeKind.Utc);
            var micros = (time - DateTime.UnixEpoch).Ticks / 10;
            if (time < DateTime.UnixEpoch && t % 10 != 0) micros--;
            var exact = DateTime.UnixEpoch.AddTicks(micros * 10);
            var text = exact.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", System.Globalization.CultureInfo.InvariantCulture).TrimEnd('.');
            OneCell[] cells =
            [
                new(OneCell.Type(ValueKind.Timestamp, WireForm.Microseconds), $"{micros}"),
                new(OneCell.Type(ValueKind.Timestamp, WireForm.IsoText), $"\"{text}Z\""),
                new(OneCell.Type(ValueKind.Timestamp, WireForm.IsoText), $"\"{text}{(text.Contains('.') ? "000" : ".000")}Z\""),
            ];
            foreach (var cell in cells)
            {
                Assert.Equal(micros, cell.Cell.GetTimestamp(6));
                Assert.Equal(text, cell.Text);
            }

            var day = new OneCell(OneCell.Type(ValueKind.Date, WireForm.IsoText), $"\"{text[..10]}Z\"");
            Assert.Equal((exact.Date - DateTime.UnixEpoch).Days, day.Cell.GetDate());
            Assert.Equal(text[..10], new OneCell(OneCell.Type(ValueKind.Date, WireForm.EpochDays), $"{day.Cell.GetDate()}").Text);
        }).QuickCheckThrowOnFailure();
    }
}
