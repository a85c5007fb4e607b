using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FullPipeline;

/// <summary>librdkafka's own broker, inside this process: Kafka's protocol over a loopback socket, messages in memory, the oldest gone above 5 MB a partition.</summary>
internal sealed unsafe partial class MockBroker : IDisposable
{
    public const int Partitions = 4;
    private const string Library = "librdkafka";
    private readonly nint client;
    private readonly nint cluster;

    // Confluent.Kafka chooses among several builds of the native library: ours must be the same.
    static MockBroker()
    {
        _ = Confluent.Kafka.Library.Version;
        NativeLibrary.SetDllImportResolver(typeof(MockBroker).Assembly, (name, _, _) => name != Library ? 0 : NativeLibrary.Load(
            Process.GetCurrentProcess().Modules.Cast<ProcessModule>().First(m => m.ModuleName.Contains("rdkafka", StringComparison.Ordinal)).FileName));
    }

    /// <exception cref="SampleException">It cannot be made.</exception>
    public MockBroker()
    {
        var error = stackalloc byte[512];
        var configuration = NewConfiguration();
        SetConfiguration(configuration, "log_level", "0", error, 512); // it is a client without brokers, and would say so
        client = New(0, configuration, error, 512);
        if (client == 0) throw new SampleException($"The broker inside the process cannot be made: {Marshal.PtrToStringUTF8((nint)error)}");
        cluster = ClusterNew(client, 1);
        if (cluster == 0) throw new SampleException("The broker inside the process cannot be made.");
        SetRebalanceDelay(cluster, 0);
        SetController(cluster, 1);
        BootstrapServers = Marshal.PtrToStringUTF8(Bootstraps(cluster))!;
    }

    public string BootstrapServers { get; }

    public void Create(string topic)
    {
        if (TopicCreate(cluster, topic, Partitions, 1) != 0) throw new SampleException($"The broker inside the process does not make the topic {topic}.");
    }

    public void Dispose()
    {
        ClusterDestroy(cluster);
        Destroy(client);
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    private static partial nint NewConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetConfiguration(nint configuration, string name, string value, byte* error, nuint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_set_controller_id")]
    private static partial void SetController(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    private static partial nint New(int type, nint configuration, byte* error, nuint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    private static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    private static partial nint ClusterNew(nint client, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static partial void ClusterDestroy(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial nint Bootstraps(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    private static partial void SetRebalanceDelay(nint cluster, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int TopicCreate(nint cluster, string topic, int partitions, int replicas);
}
