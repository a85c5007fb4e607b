using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Cdc.FullPipeline.Tests;

/// <summary>The stack's file with its anchors and merges resolved.</summary>
internal static class ComposeFile
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "samples", "FullPipeline");

    public static string Text { get; } = File.ReadAllText(Path.Combine(Folder, "docker-compose.yml"));

    public static IReadOnlyDictionary<string, Service> Services { get; } = Read();

    /// <summary>Variables of the file, such as POSTGRES_USER, with the message that stands behind each.</summary>
    public static IEnumerable<(string Name, string Then)> Variables =>
        System.Text.RegularExpressions.Regex.Matches(Text, @"(?<!\$)\$\{(\w+)([^}]*)\}").Select(m => (m.Groups[1].Value, m.Groups[2].Value));

    public static IReadOnlyDictionary<string, string> Example { get; } = File.ReadLines(Path.Combine(Folder, ".env.example"))
        .Where(l => l.Contains('=') && !l.StartsWith('#')).Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);

    private static Dictionary<string, Service> Read()
    {
        var whole = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(new MergingParser(new Parser(new StringReader(Text))));
        return ((Dictionary<object, object>)whole["services"]).ToDictionary(s => (string)s.Key, s => new Service((Dictionary<object, object>)s.Value));
    }

    internal sealed class Service(Dictionary<object, object> settings)
    {
        public object? this[string name] => settings.GetValueOrDefault(name);

        public bool IsOneShot => (string?)this["restart"] == "no";

        public IEnumerable<string> Ports => ((List<object>?)this["ports"] ?? []).Cast<string>();

        public IEnumerable<KeyValuePair<string, string?>> Environment => ((Dictionary<object, object>?)this["environment"] ?? []).Select(e => KeyValuePair.Create((string)e.Key, (string?)e.Value));

        /// <summary>Services that it waits for, with the condition; null where there is none.</summary>
        public IEnumerable<(string Service, string? Condition)> Needs => this["depends_on"] switch
        {
            null => [],
            Dictionary<object, object> needs => needs.Select(n => ((string)n.Key, (string?)((Dictionary<object, object>)n.Value).GetValueOrDefault("condition"))),
            var list => ((List<object>)list).Select(n => ((string)n, (string?)null)),
        };
    }
}
