using System.Globalization;
using Cdc.ClickHouse;
using Cdc.ClickHouse.Embedded;
using Cdc.Debezium;
using Spectre.Console;

namespace Cdc.Cli;

/// <summary>One run of <c>cdc apply</c>.</summary>
internal sealed class Apply(ApplySettings settings)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (settings.Capture != "-" && !File.Exists(settings.Capture)) throw new ArgumentException($"there is no file {settings.Capture}");
        if (settings.Capture != "-" && Path.GetFullPath(settings.Capture) == Path.GetFullPath(settings.DeadLetters))
        {
            throw new ArgumentException("--dead-letters must not be the file that is applied");
        }

        var options = settings.Connector is null ? new DebeziumOptions() : DebeziumOptions.FromConnector(await File.ReadAllBytesAsync(settings.Connector, cancellationToken));
        options.Epoch = settings.Epoch;
        await using var engine = settings.Endpoint is null && !settings.DryRun ? await StartEngineAsync(cancellationToken) : null;
        var target = Target(engine?.Endpoint ?? settings.Endpoint ?? new Uri("http://localhost:8123"));
        var reader = new DebeziumReader(options, await CatalogAsync(target, cancellationToken));
        if (settings.DryRun) return await new DryRun(settings, reader, target).RunAsync(cancellationToken);

        await using var source = OpenCapture(settings.Capture);
        await using var writer = new ClickHouseWriter(target);
        await using var letters = new CaptureDeadLetters(settings.DeadLetters);
        File.Delete(settings.DeadLetters);
        var pipeline = new ChangePipeline(source, reader, writer, letters, new PipelineOptions { Truncate = settings.Truncate });
        writer.StatusChanged += Tell;
        var report = await RunWithProgressAsync(pipeline, source, cancellationToken);

        ApplyReport.Write(Terminal.Out, report);
        foreach (var warning in reader.Warnings) Terminal.Warn(warning);
        if (letters.Count > 0) Terminal.Warn($"{letters.Count} messages could not be applied: see {settings.DeadLetters}");
        return report.IsClean ? ExitCode.Success : ExitCode.Incomplete;
    }

    internal static CaptureSource OpenCapture(string capture) => capture == "-" ? new CaptureSource(Console.OpenStandardInput()) : new CaptureSource(capture);

    private Task<EmbeddedClickHouse> StartEngineAsync(CancellationToken cancellationToken) =>
        EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { DataFolder = settings.DataFolder, Progress = new LogProgress() }, cancellationToken);

    private ClickHouseOptions Target(Uri endpoint)
    {
        var target = new ClickHouseOptions
        {
            Endpoint = endpoint,
            Database = settings.Database,
            User = settings.User,
            Password = Environment.GetEnvironmentVariable("CLICKHOUSE_PASSWORD"),
            AllowPlainHttp = settings.AllowPlainHttp,
            CreateTables = settings.Create,
            MaxBlockRows = settings.BlockRows,
            TypeChange = settings.ReplaceChangedTypes ? TypeChangePolicy.Replace : TypeChangePolicy.Stop,
            Rename = settings.Rename,
            ApplyTruncates = settings.Truncate == TruncatePolicy.Apply,
        };
        foreach (var key in settings.Keys)
        {
            var parts = key.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0) throw new ArgumentException("--key needs schema.table=column,column or schema.table=*");
            var table = target.Tables[parts[0]] = new ClickHouseTableOptions();
            foreach (var column in parts[1].Split(',')) table.Key.Add(column);
        }

        return target;
    }

    private async Task<SourceCatalog?> CatalogAsync(ClickHouseOptions target, CancellationToken cancellationToken)
    {
        if (settings.Catalog is null) return settings.DryRun && settings.Endpoint is null ? null : await ClickHouseCatalog.ReadAsync(target, cancellationToken);
        await using var file = File.OpenRead(settings.Catalog);
        return SourceCatalogFile.Read(file);
    }

    private static async Task<PipelineReport> RunWithProgressAsync(ChangePipeline pipeline, CaptureSource source, CancellationToken cancellationToken)
    {
        if (!Terminal.Log.Profile.Capabilities.Interactive) return await pipeline.RunAsync(cancellationToken);
        return await Terminal.Log.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask("reading", maxValue: 1);
                using var ticker = new Timer(_ =>
                {
                    task.Value = source.Progress;
                    task.Description = string.Create(CultureInfo.InvariantCulture, $"{pipeline.Report.Messages:N0} messages");
                }, null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
                return await pipeline.RunAsync(cancellationToken);
            });
    }

    private static void Tell(ClickHouseTableStatus status)
    {
        // A table that stopped is in the report.
        if (status.Stopped is not null) return;
        Terminal.Warn(status.IsRetrying ? $"{status.Table} waits and tries again: {status.LastError}" : $"{status.Table} goes on");
    }
}
