namespace Cdc.Debezium.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_readmes_lines_run_as_they_stand()
    {
        var lines = new List<string>();
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "connector.json"), """{"topic.prefix":"p"}""");
            File.WriteAllText(Path.Combine(folder.FullName, "catalog.jsonl"), """{"schema":"s","table":"t","key":["id"],"columns":[{"name":"id","type":"integer","notnull":true},{"name":"v","type":"text","notnull":false}]}""");
            var messages = new[] { new SourceMessage("p.s.t", 0, 0, """{"id":1}"""u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(Feed.Envelope("c", "null", """{"id":1,"v":"x","w":2}"""))) };
            Sample(messages, folder.FullName, lines.Add);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Assert.Equal(["Insert s.t 0/100/200/8", "  id = 1", "  v = x", "s.t.w is in the messages but not in the catalog"], lines);
    }

    [Fact]
    public void The_sample_is_the_readmes()
    {
        var readme = File.ReadAllText(PathOf("src/Cdc.Debezium/README.md"));
        var start = readme.IndexOf("```csharp", StringComparison.Ordinal);
        var sample = readme[start..readme.IndexOf("```", start + 3, StringComparison.Ordinal)].Split('\n').Skip(1).Select(Bare).Where(line => line.Length > 0).ToList();
        var source = File.ReadAllLines(PathOf("tests/Cdc.Debezium.Tests/ReadmeTests.cs")).Select(line => Bare(line.Replace("Path.Combine(folder, \"connector.json\")", "\"connector.json\"").Replace("Path.Combine(folder, \"catalog.jsonl\")", "\"catalog.jsonl\"").Replace("write(", "Console.WriteLine("))).ToList();
        Assert.True(sample.Count > 10);
        Assert.All(sample, line => Assert.Contains(line, source));
    }

    private static void Sample(SourceMessage[] messages, string folder, Action<string> write)
    {
        var options = DebeziumOptions.FromConnector(File.ReadAllBytes(Path.Combine(folder, "connector.json")));
        using var file = File.OpenRead(Path.Combine(folder, "catalog.jsonl"));
        var reader = new DebeziumReader(options, SourceCatalogFile.Read(file));

        var change = new ChangeEvent();
        foreach (var message in messages)
        {
            if (reader.Read(in message, change) != MessageKind.Change) continue;
            write($"{change.Operation} {change.Shape.Table} {change.Version}");
            for (var i = 0; i < change.After.Columns.Length; i++)
            {
                var cell = change.After[i];
                if (cell.State == CellState.Value) write($"  {cell.Column.Name} = {cell.GetString()}");
            }
        }

        foreach (var warning in reader.Warnings) write(warning);
    }

    private static string Bare(string line) => line.Split("//")[0].Trim();

    private static string PathOf(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, path);
            if (File.Exists(file)) return file;
        }

        throw new FileNotFoundException("The checkout is not above the tests.", path);
    }
}
