using System.Runtime.Versioning;
using System.Diagnostics;

namespace FullPipeline;

/// <summary>Who runs the PostgreSQL server: this user, or, as the server refuses root, the machine's account for it.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ServerAccount
{
    private readonly string? name;

    private ServerAccount(string? name) => this.name = name;

    /// <summary>Where fetched programs are kept: readable for the account.</summary>
    public static string Cache => IsRoot
        ? "/var/cache/cdc"
        : Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home ? home : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "cdc");

    private static bool IsRoot => OperatingSystem.IsLinux() && Environment.UserName == "root";

    /// <exception cref="SampleException">This is root and there is no other account to take.</exception>
    public static ServerAccount Find()
    {
        if (!IsRoot) return new ServerAccount(null);
        var accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        var name = accounts.Contains("postgres") ? "postgres" : accounts.Contains("nobody") ? "nobody" : null;
        return new ServerAccount(name ?? throw new SampleException("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody. Start the sample as another user, or set POSTGRES_URL."));
    }

    /// <summary>A command line that runs a program with this account's rights and no others.</summary>
    public string[] Command(string program, params string[] arguments) =>
        name is null ? [program, .. arguments] : ["setpriv", "--reuid", name, "--regid", GroupOf(name), "--clear-groups", "--no-new-privs", program, .. arguments];

    /// <summary>Makes a folder that the account alone may use; elsewhere when it cannot reach the place, as below root's home.</summary>
    public async Task<string> FolderAsync(string wanted, string fallback)
    {
        if (name is null)
        {
            Directory.CreateDirectory(wanted, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return wanted;
        }

        foreach (var folder in (string[])[wanted, fallback])
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (await RunAsync("chown", name, folder) == 0 && await RunAsync(Command("test", "-w", folder)) == 0) return folder;
            if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        }

        throw new SampleException($"The user {name}, who runs PostgreSQL, can reach neither {wanted} nor {fallback}. Name another folder with --data.");
    }

    /// <summary>Gives a file to the account.</summary>
    public async Task GiveAsync(string file)
    {
        if (name is not null) await RunAsync("chown", name, file);
    }

    public static async Task<int> RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardError = true, RedirectStandardOutput = true })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static string GroupOf(string name) => File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(account => account[0] == name)[3];
}
