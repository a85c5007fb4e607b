using System.IO.Compression;
using System.Text;

namespace Cdc.Debezium.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void A_connectors_configuration_is_read_by_its_own_names()
    {
        var full = Corpus.Options("full");
        Assert.Equal((DecimalHandlingMode.String, TimePrecisionMode.IsoString, BinaryHandlingMode.Hex, IntervalHandlingMode.String, HstoreHandlingMode.Json), (full.DecimalHandlingMode, full.TimePrecisionMode, full.BinaryHandlingMode, full.IntervalHandlingMode, full.HstoreHandlingMode));
        Assert.Equal(("full", false), (full.TopicPrefix, full.Flattened));
        Assert.Equal((true, DeleteTombstoneHandling.Drop), (Corpus.Options("flatdropped").Flattened, Corpus.Options("flatdropped").DeleteTombstoneHandling));
        var posted = DebeziumOptions.FromConnector("""{"name":"c","config":{"binary.handling.mode":"base64-url-safe","time.precision.mode":"adaptive_time_microseconds","transforms":"u","transforms.u.type":"io.debezium.transforms.ExtractNewRecordState","transforms.u.delete.tombstone.handling.mode":"rewrite-with-tombstone","transforms.u.add.fields.prefix":"m_"}}"""u8);
        Assert.Equal((BinaryHandlingMode.Base64UrlSafe, TimePrecisionMode.AdaptiveTimeMicroseconds, DeleteTombstoneHandling.RewriteWithTombstone, "m_"), (posted.BinaryHandlingMode, posted.TimePrecisionMode, posted.DeleteTombstoneHandling, posted.AddFieldsPrefix));
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var configuration = Assert.Throws<ArgumentException>(() => DebeziumOptions.FromConnector("""{"decimal.handling.mode":"exact","time.precision.mode":"later"}"""u8));
        Assert.Contains("decimal.handling.mode", configuration.Message);
        Assert.Contains("time.precision.mode", configuration.Message);
        Assert.Throws<ArgumentException>(() => DebeziumOptions.FromConnector("[]"u8));
        var options = Assert.Throws<ArgumentException>(() => new DebeziumReader(new DebeziumOptions { MaxDepth = 2, MaxMessageBytes = 0, UnavailableValuePlaceholder = "hex:0" }));
        Assert.Contains("MaxDepth", options.Message);
        Assert.Contains("MaxMessageBytes", options.Message);
        Assert.Contains("UnavailableValuePlaceholder", options.Message);
    }

    [Theory]
    [InlineData("numeric(10,2)[]", ValueKind.Array, ValueKind.Decimal, 10, 2)]
    [InlineData("numeric(5,-2)", ValueKind.Decimal, null, 5, -2)]
    [InlineData("numeric", ValueKind.Number, null, -1, 0)]
    [InlineData("timestamp(3) without time zone", ValueKind.Timestamp, null, 3, 0)]
    [InlineData("time with time zone", ValueKind.ZonedTime, null, 6, 0)]
    [InlineData("bit(1)", ValueKind.Boolean, null, -1, 0)]
    [InlineData("bit varying(10)", ValueKind.Bits, null, -1, 0)]
    [InlineData("types.mood", ValueKind.String, null, -1, 0)]
    [InlineData("types.price", ValueKind.Decimal, null, 9, 3)]
    public void Types_are_known_by_postgresqls_names(string name, ValueKind kind, ValueKind? element, int precision, int scale)
    {
        var type = PostgresTypes.Parse(name, new Dictionary<string, string> { ["types.price"] = "numeric(9,3)" });
        Assert.Equal((kind, element), (type.Kind, type.Element?.Kind));
        Assert.Equal((precision, scale), ((type.Element ?? type).Precision, (type.Element ?? type).Scale));
    }

    [Fact]
    public void A_type_unknown_to_the_catalog_is_taken_as_it_comes_and_said()
    {
        var reader = new DebeziumReader(null, Feed.Catalog("id", ("id", "integer"), ("x", "my.type")));
        var feed = new Feed(reader);
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"x":17}"""));
        Assert.Equal("17", feed.Change.After[1].GetString());
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"x":"sad"}"""));
        Assert.Equal("sad", feed.Change.After[1].GetString());
        Assert.Contains(reader.Warnings, warning => warning.Contains("s.t.x has the type my.type"));
    }

    [Fact]
    public void A_catalog_is_read_plain_and_zipped_and_a_bad_line_is_named()
    {
        var text = """{"schema":"s","table":"t","key":["id"],"columns":[{"name":"id","type":"integer","notnull":true}],"rows":[["1"]]}""" + "\n\n";
        var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true)) zip.Write(Encoding.UTF8.GetBytes(text));
        zipped.Position = 0;
        foreach (var stream in new[] { new MemoryStream(Encoding.UTF8.GetBytes(text)), zipped })
        {
            var table = Assert.Single(SourceCatalogFile.Read(stream).Tables);
            Assert.Equal(("s.t", "id", false), (table.Table.ToString(), Assert.Single(table.Key), Assert.Single(table.Columns).Nullable));
        }

        Assert.Contains("Line 3", Assert.Throws<ChangeFormatException>(() => SourceCatalogFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text + "{}")))).Message);
    }
}
