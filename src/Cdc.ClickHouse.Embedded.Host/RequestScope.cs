namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>
/// A request's database and settings, on its connection. A connection of its own is thrown away after the request, so
/// nothing can leak; on a session's connection everything is put back.
/// </summary>
internal sealed class RequestScope : IDisposable
{
    private readonly EngineConnection connection;
    private readonly List<string> undo = [];

    public RequestScope(EngineConnection connection, RequestParameters request, bool isSession)
    {
        this.connection = connection;
        try
        {
            Apply(request, isSession);
        }
        catch (EngineException)
        {
            Dispose();
            throw;
        }
    }

    private void Apply(RequestParameters request, bool isSession)
    {
        if (request.Database is { } database)
        {
            if (isSession) undo.Add($"USE {Engine.QuoteName(connection.Query("SELECT currentDatabase()").TrimEnd('\n'))}");
            connection.Query($"USE {Engine.QuoteName(database)}");
        }

        var settings = new Dictionary<string, string>(request.Settings, StringComparer.Ordinal);
        if (request.IsReadOnly) settings.TryAdd("readonly", "2");
        if (settings.Count == 0) return;

        // readonly comes last: it refuses the others.
        var names = settings.Keys.Select(Name).OrderBy(name => name == "readonly").ToList();
        if (isSession) undo.AddRange(names.Select(Restore));
        connection.Query("SET " + string.Join(", ", names.Select(name => $"{name} = {Engine.Quote(settings[name])}")));
    }

    private string Restore(string name)
    {
        var old = connection.Query($"SELECT value FROM system.settings WHERE name = {Engine.Quote(name)} AND changed").TrimEnd('\n');
        return old.Length > 0 ? $"SET {name} = {Engine.Quote(old)}" : $"SET {name} = DEFAULT";
    }

    private static string Name(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? name
            : throw new EngineException(115, $"Unknown setting '{name}'", "UNKNOWN_SETTING");

    public void Dispose()
    {
        // Latest first: readonly, set last, would refuse the others.
        undo.Reverse();
        foreach (var statement in undo)
        {
            try
            {
                connection.Query(statement);
            }
            catch (EngineException)
            {
                // A setting that was refused, unknown for one, has nothing to be put back.
            }
        }
    }
}
