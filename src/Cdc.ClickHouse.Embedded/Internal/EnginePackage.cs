using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Cdc.ClickHouse.Embedded.Internal;

/// <summary>The npm package that carries chDB, at the one version we know.</summary>
internal static partial class EnginePackage
{
    public const string Version = "26.7.3-stable.1";
    public const long LibrarySize = 566_330_096;
    private const string Name = "@chdb/lib-linux-x64-gnu";
    private const string Sha512 = "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==";
    private const string WayOut = "Or set CDC_CHDB_LIBRARY to a libchdb.so, or CLICKHOUSE_URL to a ClickHouse server.";

    /// <summary>Fetches the library to <paramref name="path"/>, whole or not at all.</summary>
    public static async Task FetchAsync(string path, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetDirectoryName(path)!, $".fetch-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            progress?.Report($"Fetching the ClickHouse engine with npm: {Name} {Version}, 178 MB, once per machine");
            await RunNpmAsync(folder, cancellationToken).ConfigureAwait(false);
            var tarball = Directory.GetFiles(folder, "*.tgz").SingleOrDefault()
                ?? throw new EmbeddedClickHouseException($"npm reported success but delivered no package. {WayOut}");

            progress?.Report("Checking the ClickHouse engine's package");
            await CheckAsync(tarball, cancellationToken).ConfigureAwait(false);
            progress?.Report("Unpacking the ClickHouse engine, 566 MB");
            var library = Path.Combine(folder, EngineLibrary.FileName);
            await UnpackAsync(tarball, library, cancellationToken).ConfigureAwait(false);
            File.Move(library, path, overwrite: true);
            progress?.Report("The ClickHouse engine is in place");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunNpmAsync(string folder, CancellationToken cancellationToken)
    {
        // In the caller's folder and environment, so that the caller's npm configuration counts.
        var start = new ProcessStartInfo("npm") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in new[] { "pack", $"{Name}@{Version}", "--pack-destination", folder, "--ignore-scripts", "--loglevel=error" })
        {
            start.ArgumentList.Add(argument);
        }

        using var npm = new Process { StartInfo = start };
        try
        {
            npm.Start();
        }
        catch (Win32Exception e)
        {
            throw new EmbeddedClickHouseException($"npm, which fetches the ClickHouse engine, is not on the PATH: install Node.js. {WayOut}", e);
        }

        npm.StandardInput.Close();
        try
        {
            var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = await npm.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            await npm.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (npm.ExitCode != 0) throw Failed(npm.ExitCode, error);
        }
        finally
        {
            if (!npm.HasExited) npm.Kill(entireProcessTree: true);
        }
    }

    // npm's full text names the registry, which may be a private one: only its error code is repeated.
    private static EmbeddedClickHouseException Failed(int exitCode, string error)
    {
        var code = ErrorCode().Match(error) is { Success: true } found ? found.Groups[1].Value : $"exit code {exitCode}";
        return new EmbeddedClickHouseException(
            $"npm could not fetch the ClickHouse engine ({code}). Is there a network, and does npm know its registry? `npm pack {Name}@{Version}` shows more. {WayOut}");
    }

    private static async Task CheckAsync(string tarball, CancellationToken cancellationToken)
    {
        var file = File.OpenRead(tarball);
        await using (file.ConfigureAwait(false))
        {
            var hash = Convert.ToBase64String(await SHA512.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
            if (hash != Sha512) throw new EmbeddedClickHouseException($"What npm delivered as {Name} {Version} is not that package: its SHA-512 differs from the pinned one. {WayOut}");
        }
    }

    private static async Task UnpackAsync(string tarball, string library, CancellationToken cancellationToken)
    {
        var file = File.OpenRead(tarball);
        await using (file.ConfigureAwait(false))
        {
            using var reader = new TarReader(new GZipStream(file, CompressionMode.Decompress));
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken).ConfigureAwait(false) is { } entry)
            {
                if (Path.GetFileName(entry.Name) != EngineLibrary.FileName) continue;
                await entry.ExtractToFileAsync(library, overwrite: true, cancellationToken).ConfigureAwait(false);
                return;
            }
        }

        throw new EmbeddedClickHouseException($"The package {Name} {Version} holds no {EngineLibrary.FileName}. {WayOut}");
    }

    [GeneratedRegex(@"npm (?:error|ERR!) code (\w+)")]
    private static partial Regex ErrorCode();
}
