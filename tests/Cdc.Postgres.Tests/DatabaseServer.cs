using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Cdc.Postgres.Tests;

/// <summary>A PostgreSQL server of a test's own, with logical decoding, from the machine's binaries or a folder of others.</summary>
internal sealed class DatabaseServer : IAsyncDisposable
{
    private static readonly string? Installed = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Order().Select(d => Path.Combine(d, "bin")).LastOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
        : null;

    private readonly string bin;
    private readonly string settings;

    private DatabaseServer(string bin, string folder, string settings)
    {
        this.bin = bin;
        this.settings = settings;
        Folder = folder;
        Data = NpgsqlDataSource.Create(ConnectionString);
    }

    /// <summary>Why the tests skip, or null: the machine has the server's binaries.</summary>
    public static string? Missing => Installed is null ? "PostgreSQL's server binaries are missing (Debian: apt-get install postgresql)." : null;

    public string Folder { get; }

    public int Port { get; } = FreePort();

    public string ConnectionString => Connection("cdc", "postgres");

    public NpgsqlDataSource Data { get; }

    public static async Task<DatabaseServer> StartAsync(string settings = "", string? bin = null)
    {
        Assert.SkipWhen(bin is null && Missing is not null, Missing ?? "");
        var server = new DatabaseServer(bin ?? Installed!, NewFolder(), settings);
        await server.AsOwnerAsync("initdb", "-D", server.Folder, "-U", "cdc", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A server on a copy of another's files, as a file-level backup gives it. The other must be stopped.</summary>
    public static async Task<DatabaseServer> CopyAsync(DatabaseServer other)
    {
        var server = new DatabaseServer(other.bin, NewFolder(), other.settings);
        await RunAsync("cp", "-a", other.Folder + "/.", server.Folder);
        return server;
    }

    public string Connection(string user, string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username={user};Database={database};Include Error Detail=true");

    public Task StartAgainAsync() => AsOwnerAsync(
        "pg_ctl", "-D", Folder, "-w", "-l", Path.Combine(Folder, "log"), "-o",
        string.Create(CultureInfo.InvariantCulture, $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c wal_level=logical -c fsync=off {settings}"), "start");

    public async Task StopAsync(string mode = "immediate")
    {
        await AsOwnerAsync("pg_ctl", "-D", Folder, "-w", "-m", mode, "stop");
        Data.Clear();
    }

    public Task PromoteAsync() => AsOwnerAsync("pg_ctl", "-D", Folder, "-w", "promote");

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Data.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Data.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<List<string>> LinesAsync(string sql)
    {
        await using var command = Data.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await Data.DisposeAsync();
        if (File.Exists(Path.Combine(Folder, "postmaster.pid"))) await AsOwnerAsync("pg_ctl", "-D", Folder, "-m", "immediate", "stop");
        Directory.Delete(Folder, recursive: true);
    }

    private static string NewFolder()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"cdc-pgsnap-{Guid.NewGuid():N}")).FullName;
        if (IsRoot) RunAsync("chown", "postgres", folder).GetAwaiter().GetResult();
        return folder;
    }

    // The server refuses to run as root.
    private static bool IsRoot => Environment.UserName == "root";

    private Task AsOwnerAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(bin, program);
        return IsRoot ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments]) : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // The server inherits its starter's standard output: reading it to its end would wait for the server's end.
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Path.GetTempPath() })!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
