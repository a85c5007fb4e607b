using System.Collections.Concurrent;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>A connection and the one thread that uses it.</summary>
internal sealed class EngineThread : IDisposable
{
    private readonly BlockingCollection<Action<Lazy<EngineConnection>>> work = [];

    public EngineThread(Engine engine)
    {
        engine.Enter();
        var thread = new Thread(() => Run(engine)) { IsBackground = true, Name = "engine" };
        thread.Start();
    }

    public Task RunAsync(Action<EngineConnection> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        work.Add(connection =>
        {
            try
            {
                action(connection.Value);
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>Closes the connection once the work given so far is done.</summary>
    public void Dispose() => work.CompleteAdding();

    private void Run(Engine engine)
    {
        // Lazy: a connection that cannot be opened is an error of the request, which repeats for every later one.
        var connection = new Lazy<EngineConnection>(engine.Connect);
        foreach (var action in work.GetConsumingEnumerable()) action(connection);
        if (connection.IsValueCreated) connection.Value.Dispose();
        engine.Leave();
        work.Dispose();
    }
}
