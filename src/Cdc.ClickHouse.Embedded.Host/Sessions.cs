namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>The connections that requests with a session_id share one after another.</summary>
internal sealed class Sessions(Engine engine, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Session> sessions = new(StringComparer.Ordinal);

    public EngineThread Take(string id, bool mustExist)
    {
        lock (gate)
        {
            DropExpired();
            if (!sessions.TryGetValue(id, out var session))
            {
                if (mustExist) throw new EngineException(372, $"Session {id} not found", "SESSION_NOT_FOUND");
                sessions[id] = session = new Session(new EngineThread(engine));
            }

            if (session.IsTaken) throw new EngineException(373, $"Session {id} is locked by a concurrent client", "SESSION_IS_LOCKED");
            session.IsTaken = true;
            return session.Thread;
        }
    }

    public void Return(string id, TimeSpan timeout)
    {
        lock (gate)
        {
            if (!sessions.TryGetValue(id, out var session)) return;
            session.IsTaken = false;
            session.Expires = time.GetUtcNow() + timeout;
        }
    }

    private void DropExpired()
    {
        var now = time.GetUtcNow();
        foreach (var (id, session) in sessions)
        {
            if (session.IsTaken || session.Expires > now) continue;
            session.Thread.Dispose();
            sessions.Remove(id);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var session in sessions.Values) session.Thread.Dispose();
            sessions.Clear();
        }
    }

    private sealed class Session(EngineThread thread)
    {
        public EngineThread Thread { get; } = thread;

        public bool IsTaken { get; set; }

        public DateTimeOffset Expires { get; set; }
    }
}
