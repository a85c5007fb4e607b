using System.Text.Json;
using YamlDotNet.Serialization;

namespace Cdc.FullPipeline.Tests;

/// <summary>A chart of the dashboard's bundle, and what Superset asks for it.</summary>
internal sealed record SupersetChart(string Name, string Query)
{
    public static IReadOnlyList<SupersetChart> All { get; } =
        [.. Directory.GetFiles(Path.Combine(ComposeFile.Folder, "compose", "superset", "bundle", "charts"), "*.yaml").Order(StringComparer.Ordinal).Select(Read)];

    private static SupersetChart Read(string file)
    {
        var yaml = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object?>>(File.ReadAllText(file));
        var parameters = (Dictionary<object, object>)yaml["params"]!;
        var dataset = SupersetDataset.All.Single(d => d.Id == (string)yaml["dataset_uuid"]!);

        // As Superset's own engine for ClickHouse writes a time grain.
        var axis = Text("x_axis") is not { } column ? [] : (string[])[Text("time_grain_sqla") switch { null => Column(column), "P1W" => $"toMonday(toDateTime({Column(column)}))", "P1M" => $"toStartOfMonth(toDateTime({Column(column)}))", var other => throw new NotSupportedException(other) }];
        string[] groups = [.. axis, .. List("groupby").Select(Column)];
        string[] shown = [.. groups, .. List("all_columns").Select(Column), .. List("metrics").Append(Text("metric")).OfType<string>().Select(m => dataset.Metrics[m])];
        var filters = ((List<object>?)parameters.GetValueOrDefault("adhoc_filters") ?? []).Cast<Dictionary<object, object>>().Where(f => (string)f["operator"] != "TEMPORAL_RANGE").Select(f => $" WHERE {Column((string)f["subject"])} {f["operator"]} {f["comparator"]}");
        var order = List("order_by_cols").Select(o => JsonDocument.Parse(o).RootElement).Select(o => $"{Column(o[0].GetString()!)}{(o[1].GetBoolean() ? "" : " DESC")}").ToList();
        return new SupersetChart((string)yaml["slice_name"]!,
            $"SELECT {string.Join(", ", shown)} FROM {dataset.From}{filters.SingleOrDefault()}{(groups.Length > 0 ? $" GROUP BY {string.Join(", ", groups)}" : "")}{(order.Count > 0 ? $" ORDER BY {string.Join(", ", order)}" : "")} LIMIT 1000 FORMAT TabSeparated");

        string? Text(string name) => (string?)parameters.GetValueOrDefault(name);
        IEnumerable<string> List(string name) => ((List<object>?)parameters.GetValueOrDefault(name) ?? []).Cast<string>();
        string Column(string name) => dataset.Columns.Contains(name) ? $"`{name}`" : throw new InvalidDataException($"{file}: the dataset {dataset.Name} has no column {name}");
    }
}
