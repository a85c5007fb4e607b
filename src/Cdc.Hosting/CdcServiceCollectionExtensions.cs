using Cdc.Hosting;
using Cdc.Hosting.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds change data capture to a host.</summary>
public static class CdcServiceCollectionExtensions
{
    /// <summary>
    /// Adds a pipeline that runs while the host does. Its settings come from the configuration section <c>Cdc:NAME</c>
    /// (<c>Kafka</c> or <c>Postgres</c>, <c>Debezium</c>, <c>ClickHouse</c>, <c>DeadLetters</c>, <c>Pipeline</c>, <c>Hosting</c>), then from code.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The pipeline's name: of its section, its ledger, its metrics and its logs. No two may share one.</param>
    /// <param name="configure">What comes from code; null when the configuration says all.</param>
    /// <exception cref="ArgumentException">A pipeline of that name was added before, or the name cannot be a section's.</exception>
    /// <remarks>Everything is checked when the host starts, before anything connects: all problems of all pipelines come in one <see cref="CdcConfigurationException"/>.</remarks>
    public static IServiceCollection AddCdc(this IServiceCollection services, string name, Action<CdcBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Contains(':')) throw new ArgumentException("A pipeline's name must not have a colon: it is a configuration section's.", nameof(name));
        if (services.Any(s => s.ServiceType == typeof(PipelineDefinition) && ((PipelineDefinition)s.ImplementationInstance!).Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"A pipeline named {name} was added before.", nameof(name));
        }

        var definition = new PipelineDefinition(name);
        configure?.Invoke(new CdcBuilder(definition));
        services.AddMetrics();
        services.AddSingleton(definition);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new CdcPipelines());
        services.TryAddSingleton<HostSettings>();
        services.TryAddSingleton<PipelineMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CheckedSettings>, SettingsCheck>());
        services.AddOptions<CheckedSettings>().ValidateOnStart();
        services.AddSingleton<IHostedService>(provider => new PipelineService(provider.GetRequiredService<HostSettings>()[name], provider));
        return services;
    }

    /// <summary>Adds a pipeline for each entry of the configuration section <c>Cdc</c>: the configuration says all.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The host's configuration.</param>
    /// <exception cref="ArgumentException">The section names no pipeline, or one that was added before.</exception>
    public static IServiceCollection AddCdc(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        var names = configuration.GetSection(HostSettings.Section).GetChildren().Select(c => c.Key).ToList();
        if (names.Count == 0) throw new ArgumentException($"The configuration has no section {HostSettings.Section} with a pipeline in it, such as {HostSettings.Section}:orders.", nameof(configuration));
        foreach (var name in names) services.AddCdc(name);
        return services;
    }

    /// <summary>Adds the health checks <c>cdc-live</c> (tag <c>live</c>) and <c>cdc-ready</c> (tag <c>ready</c>) over all pipelines.</summary>
    /// <param name="builder">The host's health checks.</param>
    /// <remarks>Only readiness fails while ClickHouse is away: a restart would not bring it back.</remarks>
    public static IHealthChecksBuilder AddCdc(this IHealthChecksBuilder builder) => builder.AddCdc(HealthStatus.Unhealthy);

    /// <summary>Adds the health checks <c>cdc-live</c> (tag <c>live</c>) and <c>cdc-ready</c> (tag <c>ready</c>) over all pipelines.</summary>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="notReady">What a pipeline that is not ready is; <see cref="HealthStatus.Degraded"/> where the host has other work that must go on being sent to it.</param>
    /// <remarks>Only readiness fails while ClickHouse is away: a restart would not bring it back.</remarks>
    public static IHealthChecksBuilder AddCdc(this IHealthChecksBuilder builder, HealthStatus notReady)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(_ => new CdcPipelines());
        return builder.AddCheck<LivenessCheck>("cdc-live", tags: ["live"]).AddCheck<ReadinessCheck>("cdc-ready", notReady, tags: ["ready"]);
    }
}
