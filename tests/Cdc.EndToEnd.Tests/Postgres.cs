using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Cdc.EndToEnd.Tests;

/// <summary>A PostgreSQL server of the tests' own, with logical decoding, from the machine's binaries.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"cdc-pg-{Guid.NewGuid():N}");
    private string bin = "";

    public int Port { get; } = FreePort();

    public NpgsqlDataSource Data { get; private set; } = null!;

    /// <returns>What is missing, or null when it runs.</returns>
    public async Task<string?> StartAsync()
    {
        bin = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().Select(d => Path.Combine(d, "bin")).LastOrDefault(d => File.Exists(Path.Combine(d, "initdb"))) ?? "" : "";
        if (bin.Length == 0) return "PostgreSQL's server binaries are missing (Debian: apt-get install postgresql).";
        Directory.CreateDirectory(folder);
        if (IsRoot) await RunAsync("chown", "postgres", folder);
        await AsOwnerAsync(Path.Combine(bin, "initdb"), "-D", folder, "-U", "cdc", "--auth=trust", "-E", "UTF8", "--locale=C");
        await AsOwnerAsync(Path.Combine(bin, "pg_ctl"), "-D", folder, "-w", "-l", Path.Combine(folder, "log"), "-o", string.Create(CultureInfo.InvariantCulture, $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c wal_level=logical -c fsync=off"), "start");
        Data = NpgsqlDataSource.Create(string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=cdc;Database=postgres"));
        return null;
    }

    public string ConnectionString => Data.ConnectionString;

    /// <summary>Whether connections may break now.</summary>
    public bool IsRestarting { get; private set; }

    /// <summary>Kills the server's processes and starts it again.</summary>
    public async Task RestartAsync()
    {
        IsRestarting = true;
        await AsOwnerAsync(Path.Combine(bin, "pg_ctl"), "-D", folder, "-w", "-m", "immediate", "-l", Path.Combine(folder, "log"), "restart");
        Data.Clear();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Data.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
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
        if (Data is null) return;
        await Data.DisposeAsync();
        await AsOwnerAsync(Path.Combine(bin, "pg_ctl"), "-D", folder, "-m", "immediate", "stop");
        Directory.Delete(folder, recursive: true);
    }

    // The server refuses to run as root.
    private static bool IsRoot => Environment.UserName == "root";

    private static Task AsOwnerAsync(string program, params string[] arguments) =>
        IsRoot ? RunAsync("runuser", ["-u", "postgres", "--", program, .. arguments]) : RunAsync(program, arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
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
