using Cdc.Postgres;

namespace Cdc.Cli;

/// <summary>One run of <c>cdc tail</c>.</summary>
internal sealed class Tail(TailSettings settings)
{
    private readonly PostgresReader reader = new();
    private readonly ChangeEvent change = new();
    private readonly ITailView view = settings.IsJson ? new TailJson(Console.Out) : new TailText(Console.Out, settings.HasColor);
    private long shown;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var options = new PostgresTailOptions { ConnectionString = settings.ConnectionString, Publication = settings.Publication, CreatePublication = settings.CreatePublication, Slot = settings.Slot };
        foreach (var table in settings.Tables) options.Tables.Add(table);
        await using var tail = new PostgresTail(options);
        tail.Started += publication => Terminal.Note($"Changes of publication {publication}{(settings.Slot is null ? "" : $", from where slot {settings.Slot} stands, which stays there")}. Ctrl-C ends it.");
        await foreach (var batch in tail.ReadAsync(cancellationToken))
        {
            foreach (ref readonly var message in batch.Messages.Span)
            {
                Show(in message);
                if (shown == settings.Max) break;
            }

            await Console.Out.FlushAsync(cancellationToken);
            if (shown == settings.Max) return ExitCode.Success;
        }

        Terminal.Error("the server ended the stream");
        return ExitCode.Failed;
    }

    private void Show(in SourceMessage message)
    {
        try
        {
            var kind = reader.Read(in message, change);
            if (kind == MessageKind.Transaction) view.EndTransaction();
            if (kind != MessageKind.Change || !IsWanted()) return;
            view.Show(change);
            shown++;
        }
        catch (CdcException failure) when (failure is ChangeFormatException or ValueRefusedException)
        {
            Terminal.Warn(failure.Message);
        }
    }

    private bool IsWanted()
    {
        var table = change.Shape.Table;
        return (settings.Operations.Count == 0 || settings.Operations.Contains(change.Operation))
            && (settings.Tables.Count == 0 || settings.Tables.Any(t => t.Length == table.Schema.Length + 1 + table.Name.Length && t.StartsWith(table.Schema + ".", StringComparison.Ordinal) && t.EndsWith(table.Name, StringComparison.Ordinal)));
    }
}

/// <summary>How changes are shown.</summary>
internal interface ITailView
{
    /// <summary>Shows a change.</summary>
    void Show(ChangeEvent change);

    /// <summary>Notes that a transaction began or ended.</summary>
    void EndTransaction();
}
