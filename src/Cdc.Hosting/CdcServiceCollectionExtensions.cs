using Cdc.Hosting;
using Cdc.Hosting.Internal;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds change data capture to a host.</summary>
public static class CdcServiceCollectionExtensions
{
    /// <summary>
    /// Adds a pipeline that runs while the host does. Its settings come from the configuration section <c>Cdc:NAME</c>
    /// (<c>Kafka</c>, <c>Debezium</c>, <c>ClickHouse</c>, <c>Pipeline</c>, <c>Hosting</c>), then from code.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The pipeline's name: of its section, its ledger, its metrics and its logs. No two may share one.</param>
    /// <param name="configure">What comes from code; null when the configuration says all.</param>
    /// <exception cref="ArgumentException">A pipeline of that name was added before.</exception>
    /// <remarks>Everything is checked when the host starts, before anything connects: all problems of all pipelines come in one <see cref="CdcConfigurationException"/>.</remarks>
    public static IServiceCollection AddCdc(this IServiceCollection services, string name, Action<CdcBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (services.Any(s => s.ServiceType == typeof(PipelineDefinition) && ((PipelineDefinition)s.ImplementationInstance!).Name == name))
        {
            throw new ArgumentException($"A pipeline named {name} was added before.", nameof(name));
        }

        var definition = new PipelineDefinition(name);
        configure?.Invoke(new CdcBuilder(definition));
        services.AddMetrics();
        services.AddSingleton(definition);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<CdcPipelines>();
        services.TryAddSingleton<PipelineMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StartupCheck>());
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<PipelineService>(provider, definition));
        return services;
    }

    /// <summary>Adds the health checks <c>cdc-live</c> (tag <c>live</c>) and <c>cdc-ready</c> (tag <c>ready</c>) over all pipelines.</summary>
    /// <param name="builder">The host's health checks.</param>
    /// <remarks>Only readiness fails while ClickHouse is away: a restart would not bring it back.</remarks>
    public static IHealthChecksBuilder AddCdc(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<CdcPipelines>();
        return builder.AddCheck<LivenessCheck>("cdc-live", tags: ["live"]).AddCheck<ReadinessCheck>("cdc-ready", tags: ["ready"]);
    }
}
