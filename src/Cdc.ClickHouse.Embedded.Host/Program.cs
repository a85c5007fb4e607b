using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Cdc.ClickHouse.Embedded.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// cdc-engine LIBRARY FOLDER PORT [--delete-folder]
// Writes "ready PORT" to standard output, and ends with standard input: a parent that dies takes its engine along.
var (library, folder, port) = (args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

// Ctrl-C reaches the whole foreground group; the parent still needs the engine while it winds down, and ends it itself.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => context.Cancel = true);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.TrySetResult();
});
var input = Console.OpenStandardInput();
new Thread(() =>
{
    while (input.ReadByte() >= 0)
    {
    }

    stop.TrySetResult();
}) { IsBackground = true }.Start();

try
{
    using (var engine = Engine.Start(library, folder))
    using (var sessions = new Sessions(engine, TimeProvider.System))
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, port);
            server.AddServerHeader = false;
            server.AllowSynchronousIO = true; // the engine's own thread reads the body and writes the result
            server.Limits.MaxRequestBodySize = null;
            server.Limits.MinRequestBodyDataRate = null;
            server.Limits.MinResponseDataRate = null;
            server.Limits.MaxRequestLineSize = 1024 * 1024;
            server.Limits.MaxRequestBufferSize = 4 * 1024 * 1024;
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        await using var app = builder.Build();
        app.Run(new RequestHandler(engine, sessions).HandleAsync);
        await app.StartAsync().ConfigureAwait(false);

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.WriteLine($"ready {new Uri(address).Port} {engine.Version}");
        await stop.Task.ConfigureAwait(false);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await app.StopAsync(patience.Token).ConfigureAwait(false);
        sessions.Dispose();

        // Closed under a query the engine crashes, and must not keep an orphan alive for one that does not end. Killed, it loses
        // nothing acknowledged.
        if (!engine.Drain(TimeSpan.FromSeconds(8)))
        {
            try
            {
                if (args.Contains("--delete-folder")) Directory.Delete(folder, recursive: true);
            }
            finally
            {
                Process.GetCurrentProcess().Kill();
            }
        }
    }
}
catch (Exception e) when (e is EngineException or IOException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
{
    await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
    return 1;
}
finally
{
    if (args.Contains("--delete-folder")) Directory.Delete(folder, recursive: true);
}

return 0;

/// <summary>Signals are handled above.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
