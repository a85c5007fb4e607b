using YamlDotNet.Serialization;

namespace Cdc.FullPipeline.Tests;

/// <summary>A dataset of the dashboard's bundle.</summary>
internal sealed record SupersetDataset(string Name, string Id, string From, IReadOnlyList<string> Columns, IReadOnlyDictionary<string, string> Metrics)
{
    public static IReadOnlyList<SupersetDataset> All { get; } =
        [.. Directory.GetFiles(Path.Combine(ComposeFile.Folder, "compose", "superset", "bundle", "datasets"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>Asks for every column and every metric.</summary>
    public string Query => $"SELECT {string.Join(", ", Columns.Select(c => $"any(`{c}`)").Concat(Metrics.Values))} FROM {From} FORMAT Null";

    private static SupersetDataset Read(string file)
    {
        var yaml = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object?>>(File.ReadAllText(file));
        var (schema, table) = ((string)yaml["schema"]!, (string)yaml["table_name"]!);
        return new SupersetDataset(table, (string)yaml["uuid"]!, yaml["sql"] is string sql ? $"({sql.TrimEnd().TrimEnd(';')})" : $"`{schema}`.`{table}`", [.. Of("columns").Select(c => (string)c["column_name"])], Of("metrics").ToDictionary(m => (string)m["metric_name"], m => (string)m["expression"]));

        IEnumerable<Dictionary<object, object>> Of(string list) => ((List<object>)yaml[list]!).Cast<Dictionary<object, object>>();
    }
}
