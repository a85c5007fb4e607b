using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cdc.Debezium.Tests;

public partial class TypedChangeTests
{
    private static Feed Orders() => Feed.Plain(
        ("id", "bigint"), ("price", "numeric(10,2)"), ("due", "date"), ("at", "timestamp(3) without time zone"), ("seen", "timestamp with time zone"),
        ("tags", "text[]"), ("token", "uuid"), ("photo", "bytea"), ("ratio", "double precision"), ("paid", "boolean"), ("note", "text"));

    private const string Row = """
        {"id":9007199254740993,"price":"AUo=","due":19782,"at":1709214330123,"seen":"2024-02-29T11:45:30.123456Z","tags":["a",null],
        "token":"123e4567-e89b-12d3-a456-426614174000","photo":"3q2+7w==","ratio":0.1,"paid":true,"note":null}
        """;

    [Fact]
    public void A_row_becomes_an_object_with_every_digit()
    {
        var feed = Orders();
        feed.Read("""{"id":9007199254740993}""", Feed.Envelope("c", "null", Row));

        var change = feed.Change.As(Rows.Default.Order);

        Assert.Equal((ChangeOperation.Insert, "s.t"), (change.Operation, change.Table.ToString()));
        Assert.Null(change.Before);
        var order = change.After!;
        Assert.Equal(9007199254740993, order.Id);
        Assert.Equal("3.30", order.Price!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(new DateOnly(2024, 2, 29), order.Due);
        Assert.Equal(new DateTime(2024, 2, 29, 13, 45, 30, 123), order.At);
        Assert.Equal(new DateTimeOffset(2024, 2, 29, 11, 45, 30, TimeSpan.Zero).AddTicks(1234560), order.Seen);
        Assert.Equal(["a", null], order.Tags);
        Assert.Equal(Guid.Parse("123e4567-e89b-12d3-a456-426614174000"), order.Token);
        Assert.Equal([0xde, 0xad, 0xbe, 0xef], order.Photo);
        Assert.Equal((0.1, true, null), (order.Ratio, order.Paid, order.Note));
    }

    [Fact]
    public void A_value_that_was_not_sent_is_left_out_of_the_object()
    {
        var feed = Orders();
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1,"price":null,"note":"__debezium_unavailable_value"}"""));

        var order = feed.Change.After.As(Rows.Default.Order)!;

        Assert.Equal("unset", new Order().Note);
        Assert.Equal("unset", order.Note);
    }

    [Fact]
    public void A_detached_event_keeps_what_it_held_when_the_next_message_is_read()
    {
        var feed = Orders();
        feed.Read("""{"id":9007199254740993}""", Feed.Envelope("c", "null", Row));
        var kept = feed.Change.Detach();
        var before = Feed.Json(kept.After);
        feed.Read("""{"id":2}""", Feed.Envelope("d", """{"id":2}""", "null"));

        Assert.Equal(ChangeOperation.Delete, feed.Change.Operation);
        Assert.Equal((ChangeOperation.Insert, before), (kept.Operation, Feed.Json(kept.After)));
        Assert.Equal(3.30m, kept.After.As(Rows.Default.Order)!.Price);
        Assert.Equal("""{"id":9007199254740993}""", Feed.Json(kept.Key));
    }

    [Fact]
    public void A_row_that_does_not_fit_the_object_is_an_error_of_json()
    {
        var feed = Orders();
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"paid":null}"""));

        Assert.Throws<JsonException>(() => feed.Change.After.As(Rows.Default.Order));
    }

    internal sealed class Order
    {
        public long Id { get; set; }

        public decimal? Price { get; set; }

        public DateOnly Due { get; set; }

        public DateTime At { get; set; }

        public DateTimeOffset Seen { get; set; }

        public string?[] Tags { get; set; } = [];

        public Guid Token { get; set; }

        public byte[] Photo { get; set; } = [];

        public double Ratio { get; set; }

        public bool Paid { get; set; }

        public string? Note { get; set; } = "unset";
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Order))]
    internal sealed partial class Rows : JsonSerializerContext;
}
