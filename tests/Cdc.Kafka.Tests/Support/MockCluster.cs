using System.Diagnostics;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

/// <summary>librdkafka's own broker, inside this process: real protocol over real sockets, with errors on request.</summary>
internal sealed unsafe partial class MockCluster : IDisposable
{
    private const string Library = "librdkafka";
    private readonly nint client;
    private readonly nint cluster;

    /// <summary>Confluent.Kafka chooses among several builds of the native library: ours must be the same.</summary>
    static MockCluster()
    {
        _ = Confluent.Kafka.Library.Version;
        NativeLibrary.SetDllImportResolver(typeof(MockCluster).Assembly, (name, _, _) => name != Library ? 0 : NativeLibrary.Load(
            Process.GetCurrentProcess().Modules.Cast<ProcessModule>().First(m => m.ModuleName.Contains("rdkafka", StringComparison.Ordinal)).FileName));
    }

    public MockCluster(int brokers = 1)
    {
        var error = stackalloc byte[512];
        client = New(0, 0, error, 512);
        Assert.NotEqual(0, client);
        cluster = ClusterNew(client, brokers);
        Assert.NotEqual(0, cluster);
        SetRebalanceDelay(cluster, 0);
        SetController(cluster, 1);
        BootstrapServers = Marshal.PtrToStringUTF8(Bootstraps(cluster))!;
    }

    public enum Api : short
    {
        Fetch = 1,
        ListOffsets = 2,
        OffsetCommit = 8,
        OffsetFetch = 9,
        Heartbeat = 12,
    }

    public string BootstrapServers { get; }

    public void Create(string topic, int partitions = 1) => Assert.Equal(0, TopicCreate(cluster, topic, partitions, 1));

    public void DeleteRecords(string topic, int partition, long below) => Assert.Equal(0, PartitionDeleteRecords(cluster, topic, partition, below));

    /// <summary>The next requests of that kind fail with these errors, one each.</summary>
    public void Fail(Api api, params ErrorCode[] errors)
    {
        var codes = Array.ConvertAll(errors, e => (int)e);
        fixed (int* first = codes) PushErrors(cluster, (short)api, (nuint)codes.Length, first);
    }

    /// <summary>Every request for that topic gets this error.</summary>
    public void Refuse(string topic, ErrorCode error) => TopicSetError(cluster, topic, (int)error);

    public void SetDown(int broker = 1) => Assert.Equal(0, BrokerSetDown(cluster, broker));

    public void SetUp(int broker = 1) => Assert.Equal(0, BrokerSetUp(cluster, broker));

    public void Dispose()
    {
        ClusterDestroy(cluster);
        Destroy(client);
    }

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

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_set_controller_id")]
    private static partial void SetController(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int TopicCreate(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_set_error", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void TopicSetError(nint cluster, string topic, int error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_partition_delete_records", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PartitionDeleteRecords(nint cluster, string topic, int partition, long below);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static partial void PushErrors(nint cluster, short api, nuint count, int* errors);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static partial int BrokerSetDown(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static partial int BrokerSetUp(nint cluster, int broker);
}
