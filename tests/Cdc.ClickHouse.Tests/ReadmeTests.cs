using Cdc.ClickHouse.Tests.Support;
using Cdc.Debezium;

namespace Cdc.ClickHouse.Tests;

public class ReadmeTests(EngineFixture engine)
{
    [Fact]
    public async Task The_sample_of_the_readme_runs_as_it_is_written()
    {
        var database = WriterExtensions.NewDatabase();
        var (endpoint, cancellationToken) = (engine.Endpoint, WriterExtensions.Cancel);
        SourceMessage[] messages =
        [
            Message(0, $$"""{"op":"c","before":null,"after":{"id":7,"status":"new"},"source":{"connector":"postgresql","db":"shop","schema":"{{database}}","table":"orders","sequence":"[\"1\",\"2\"]","ts_ms":1} }"""),
            Message(1, $$"""{"op":"u","before":null,"after":{"id":7,"status":"paid"},"source":{"connector":"postgresql","db":"shop","schema":"{{database}}","table":"orders","sequence":"[\"3\",\"4\"]","ts_ms":1} }"""),
        ];
        await engine.QueryAsync($"CREATE DATABASE {database}");
        await engine.QueryAsync($"CREATE TABLE {database}.orders (id Int64, status String, _version UInt128, _is_deleted UInt8) ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id");
        var catalog = await ClickHouseCatalog.ReadAsync(new ClickHouseOptions { Endpoint = endpoint }, cancellationToken);
        await SampleAsync(new DebeziumReader(null, catalog), messages, endpoint, cancellationToken);
        Assert.Equal("7\tpaid", await engine.QueryAsync($"SELECT id, status FROM {database}.orders FINAL"));
    }

    [Fact]
    public void The_readme_shows_the_code_of_this_test()
    {
        var test = Lines(File.ReadAllText(ThisFile()).Split("// sample\n")[1].Split("// end\n")[0]);
        var readme = Lines(File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../src/Cdc.ClickHouse/README.md")).Split("```csharp\n")[1].Split("```")[0]);
        Assert.Equal(test, readme.Where(l => !l.StartsWith("var reader", StringComparison.Ordinal)));
    }

    private static async Task SampleAsync(DebeziumReader reader, SourceMessage[] messages, Uri endpoint, CancellationToken cancellationToken)
    {
        // sample
        await using var writer = new ClickHouseWriter(new ClickHouseOptions { Endpoint = endpoint });
        var change = new ChangeEvent();
        foreach (var message in messages)
        {
            if (reader.Read(in message, change) != MessageKind.Change) continue;
            while (!writer.TryAppend(change)) await writer.PrepareAsync(change, cancellationToken);
        }

        var result = await writer.FlushAsync(cancellationToken);
        Console.WriteLine($"{result.Tables.Sum(t => t.Applied)} rows stored, {result.Rejected.Count} refused, {result.Stopped.Count} tables stopped");
        // end
    }

    private static IEnumerable<string> Lines(string code) => code.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0);

    // Not the compiler's path: a CI build has none of the machine's.
    private static string ThisFile()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Cdc.slnx"))) folder = folder.Parent!;
        return Path.Combine(folder.FullName, "tests", "Cdc.ClickHouse.Tests", "ReadmeTests.cs");
    }

    private static SourceMessage Message(long offset, string value) =>
        new("topic", 0, offset, """{"id":7}"""u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(value));
}
