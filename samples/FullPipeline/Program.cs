// PostgreSQL's changes, through Debezium and Kafka, become tables in ClickHouse and five answers on a page, while they happen.
using Cdc;
using Cdc.ClickHouse.Embedded;
using FullPipeline;

try
{
    var options = SampleOptions.Parse(args);
    if (options.Help)
    {
        Console.WriteLine(SampleOptions.Usage);
        return 0;
    }

    using var folder = DataFolder.Open(options.DataFolder, options.Fresh);
    if (options.Command == SampleCommand.Generator) await StackRun.GenerateAsync(options, folder);
    else if (options.Command == SampleCommand.Remove) await Removal.RunAsync(folder);
    else if (options.Recorded) await RecordedRun.RunAsync(options, folder);
    else if (options.Command is SampleCommand.Setup or SampleCommand.Schemas) await StackRun.SetUpAsync(options, folder);
    else if (options.Command == SampleCommand.Serve && KafkaTransport.FromEnvironment(folder.Id) is null) throw new SampleException("serve is a part of a stack: it needs KAFKA_BOOTSTRAP and CONNECT_URL.");
    else await LiveRun.RunAsync(options, folder, (ITransport?)KafkaTransport.FromEnvironment(folder.Id) ?? new EmbeddedTransport(folder.Id));
    return 0;
}
catch (OperationCanceledException e) when (e.InnerException is not TimeoutException)
{
    return 0; // Ctrl-C before everything stood
}
catch (Exception e) when (e is SampleException or EmbeddedClickHouseException or PlatformNotSupportedException or CdcException or IOException or UnauthorizedAccessException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
