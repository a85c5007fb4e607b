using System.Text.Json;

namespace Cdc.Debezium.Internal;

/// <summary>The settings of a connector's JSON that say how its messages look.</summary>
internal sealed class ConnectorConfiguration
{
    private readonly Dictionary<string, string> settings = new(StringComparer.Ordinal);
    private readonly List<string> problems = [];

    public static DebeziumOptions Read(ReadOnlySpan<byte> json)
    {
        var configuration = new ConnectorConfiguration();
        configuration.Load(json);
        var options = configuration.Options();
        configuration.problems.AddRange(options.Problems());
        if (configuration.problems.Count > 0) throw new ArgumentException($"The connector's configuration cannot be used: {string.Join("; ", configuration.problems)}.", nameof(json));
        return options;
    }

    private void Load(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object) root = config;
            if (root.ValueKind != JsonValueKind.Object) throw new JsonException();
            foreach (var setting in root.EnumerateObject())
            {
                settings[setting.Name] = setting.Value.ValueKind == JsonValueKind.String ? setting.Value.GetString()! : setting.Value.GetRawText();
            }
        }
        catch (JsonException)
        {
            problems.Add("it is no JSON object");
        }
    }

    private DebeziumOptions Options()
    {
        var isMySql = Text("connector.class")?.Contains("mysql", StringComparison.OrdinalIgnoreCase) == true || Text("connector.class")?.Contains("mariadb", StringComparison.OrdinalIgnoreCase) == true;
        var options = new DebeziumOptions
        {
            DecimalHandlingMode = Choice("decimal.handling.mode", DecimalHandlingMode.Precise),
            TimePrecisionMode = Choice("time.precision.mode", isMySql ? TimePrecisionMode.AdaptiveTimeMicroseconds : TimePrecisionMode.Adaptive),
            BinaryHandlingMode = Choice("binary.handling.mode", BinaryHandlingMode.Bytes),
            IntervalHandlingMode = Choice("interval.handling.mode", IntervalHandlingMode.Numeric),
            HstoreHandlingMode = Choice("hstore.handling.mode", HstoreHandlingMode.Json),
            DecimalFormat = Choice("value.converter.decimal.format", DecimalFormat.Base64),
            TopicPrefix = Text("topic.prefix") ?? Text("database.server.name"),
            Flattened = false,
        };
        if (Text("unavailable.value.placeholder") is { } placeholder) options.UnavailableValuePlaceholder = placeholder;
        if (Text("topic.heartbeat.prefix") is { } heartbeat) options.HeartbeatPrefix = heartbeat;
        foreach (var name in (Text("transforms") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var type = Text($"transforms.{name}.type") ?? "";
            if (!type.EndsWith(".ExtractNewRecordState", StringComparison.Ordinal)) continue;
            options.Flattened = true;
            options.DeleteTombstoneHandling = Choice($"transforms.{name}.delete.tombstone.handling.mode", DeleteTombstoneHandling.Tombstone);
            if (Text($"transforms.{name}.add.fields.prefix") is { } prefix) options.AddFieldsPrefix = prefix;
        }

        return options;
    }

    private string? Text(string name) => settings.GetValueOrDefault(name);

    private T Choice<T>(string name, T otherwise)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return otherwise;
        var wanted = text.Trim().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), wanted, StringComparison.OrdinalIgnoreCase)) return value;
        }

        problems.Add($"{name} is none of {string.Join(", ", Enum.GetNames<T>())}");
        return otherwise;
    }
}
