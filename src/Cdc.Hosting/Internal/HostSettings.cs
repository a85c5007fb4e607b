using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cdc.Hosting.Internal;

/// <summary>The settings of all pipelines of a host, read once.</summary>
internal sealed class HostSettings
{
    public const string Section = "Cdc";

    public HostSettings(IEnumerable<PipelineDefinition> definitions, IServiceProvider services)
    {
        var section = (services.GetService<IConfiguration>() ?? new ConfigurationBuilder().Build()).GetSection(Section);
        Pipelines = [.. definitions.Select(d => new PipelineSettings(d, section.GetSection(d.Name)))];
        var names = Pipelines.Select(p => p.Name).ToList();
        Unknown = [.. section.GetChildren().Where(c => !names.Contains(c.Key, StringComparer.OrdinalIgnoreCase))
            .Select(c => $"{c.Path} names no pipeline that was added{SimilarName.Hint(c.Key, names)}")];
    }

    public IReadOnlyList<PipelineSettings> Pipelines { get; }

    /// <summary>Problems that belong to no pipeline.</summary>
    public IReadOnlyList<string> Unknown { get; }

    public PipelineSettings this[string name] => Pipelines.First(p => p.Name == name);
}
