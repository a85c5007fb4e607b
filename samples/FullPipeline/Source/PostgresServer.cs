using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Npgsql;

namespace FullPipeline;

/// <summary>PostgreSQL with logical decoding: the server that POSTGRES_URL names, or one of the sample's own, which ends with it.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "franco";

    // Ends the server when the sample's end of the pipe closes, however the sample ends; a terminal's Ctrl-C reaches neither.
    private const string Guard = """
        exec 3<&0
        log=$1; shift
        "$@" 3<&- </dev/null >>"$log" 2>&1 & server=$!
        { read -r _ <&3; kill -INT "$server" 2>/dev/null; } & watch=$!
        wait "$server"; code=$?
        kill "$watch" 2>/dev/null
        exit "$code"
        """;

    private readonly Process? process;

    private PostgresServer(NpgsqlConnectionStringBuilder connection, string version, Process? process)
    {
        (Connection, Version, this.process) = (connection, version, process);
        Data = NpgsqlDataSource.Create(connection.ConnectionString);
    }

    public NpgsqlDataSource Data { get; }

    /// <summary>How it is reached; holds a password.</summary>
    public NpgsqlConnectionStringBuilder Connection { get; }

    /// <summary>The server's version, such as 17.6.</summary>
    public string Version { get; }

    /// <summary>Whether the sample started it.</summary>
    public bool IsOwn => process is not null;

    /// <exception cref="SampleException">There is no server, or it cannot be used.</exception>
    public static async Task<PostgresServer> StartAsync(DataFolder folder, IProgress<string> progress, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("POSTGRES_URL") is { Length: > 0 } url)
        {
            var connection = PostgresUrl.Parse(url);
            return new PostgresServer(connection, await CheckAsync(connection, cancellationToken), process: null);
        }

        if (OperatingSystem.IsWindows()) throw new SampleException("On Windows the sample starts no PostgreSQL of its own: set POSTGRES_URL to a server with wal_level=logical.");
        progress.Report("Starting PostgreSQL");
        var bin = await PostgresBinaries.LocateAsync(progress, cancellationToken);
        var account = ServerAccount.Find();
        var home = await account.FolderAsync(folder.Postgres, folder.PostgresElsewhere);
        var data = Path.Combine(home, "data");
        if (!File.Exists(Path.Combine(data, "PG_VERSION"))) await InitializeAsync(account, bin, home, data);
        var own = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = PortOf(home), Username = User, Password = await File.ReadAllTextAsync(PasswordFile(home), cancellationToken), Database = "postgres", IncludeErrorDetail = false,
        };
        var log = Path.Combine(home, "log");
        var guard = StartGuarded(account, bin, data, log, own.Port);
        try
        {
            await UntilReadyAsync(guard, own, log, cancellationToken);
            return new PostgresServer(own, await CheckAsync(own, cancellationToken), guard);
        }
        catch
        {
            await EndAsync(guard);
            throw;
        }
    }

    /// <summary>Completes when a server of our own ends by itself; never for another.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => process?.WaitForExitAsync(cancellationToken) ?? Task.Delay(Timeout.Infinite, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Data.DisposeAsync();
        if (process is null) return;
        await EndAsync(process);
        process.Dispose();
    }

    [UnsupportedOSPlatform("windows")]
    private static async Task InitializeAsync(ServerAccount account, string bin, string home, string data)
    {
        if (Directory.Exists(data)) Directory.Delete(data, recursive: true); // an earlier attempt's half
        var password = PasswordFile(home);
        await File.WriteAllTextAsync(password, RandomNumberGenerator.GetHexString(32, lowercase: true));
        File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await account.GiveAsync(password);
        var code = await ServerAccount.RunAsync(account.Command(Path.Combine(bin, "initdb"), "-D", data, "-U", User, $"--pwfile={password}", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"));
        if (code != 0) throw new SampleException($"PostgreSQL's initdb ended with {code} for the folder {data}.");
    }

    [UnsupportedOSPlatform("windows")]
    private static Process StartGuarded(ServerAccount account, string bin, string data, string log, int port)
    {
        string[] settings =
        [
            $"listen_addresses=127.0.0.1", "unix_socket_directories=", "wal_level=logical", "max_replication_slots=10", "max_wal_senders=10",
            "max_slot_wal_keep_size=4GB", "shared_buffers=64MB", "max_wal_size=512MB", "timezone=UTC",
        ];
        var server = account.Command(Path.Combine(bin, "postgres"), ["-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), .. settings.SelectMany(s => (string[])["-c", s])]);
        string[] guarded = ["sh", "-c", Guard, "sh", log, .. server];
        if (File.Exists("/usr/bin/setsid")) guarded = ["/usr/bin/setsid", .. guarded];
        return Process.Start(new ProcessStartInfo(guarded[0], guarded[1..]) { RedirectStandardInput = true, WorkingDirectory = "/" })!;
    }

    private static async Task UntilReadyAsync(Process guard, NpgsqlConnectionStringBuilder connection, string log, CancellationToken cancellationToken)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var data = NpgsqlDataSource.Create(connection.ConnectionString);
                await using var open = await data.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException e)
            {
                var last = File.Exists(log) ? File.ReadLines(log).LastOrDefault() : null;
                if (guard.HasExited) throw new SampleException($"PostgreSQL ended while it started: {last} ({log} has all)", e);
                if (since.Elapsed > TimeSpan.FromMinutes(1)) throw new SampleException($"PostgreSQL did not start within a minute: {last} ({log} has all)", e);
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    private static async Task<string> CheckAsync(NpgsqlConnectionStringBuilder connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var data = NpgsqlDataSource.Create(connection.ConnectionString);
            await using var command = data.CreateCommand("SELECT current_setting('wal_level'), current_setting('server_version')");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            if (reader.GetString(0) != "logical") throw new SampleException($"PostgreSQL's wal_level is {reader.GetString(0)}: set it to logical (ALTER SYSTEM SET wal_level = logical) and restart the server.");
            return reader.GetString(1).Split(' ')[0];
        }
        catch (NpgsqlException e)
        {
            throw new SampleException($"PostgreSQL does not answer at {connection.Host}:{connection.Port}: {e.Message}", e);
        }
    }

    private static async Task EndAsync(Process guard)
    {
        guard.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await guard.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            guard.Kill(entireProcessTree: true); // the next start recovers from the WAL
        }
    }

    private static string PasswordFile(string home) => Path.Combine(home, "password");

    /// <summary>The same port at every start, as long as it is free: others keep it in their settings.</summary>
    private static int PortOf(string home)
    {
        var file = Path.Combine(home, "port");
        var port = File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var before) && IsFree(before) ? before : FreePort();
        File.WriteAllText(file, port.ToString(CultureInfo.InvariantCulture));
        return port;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
