using System.Runtime.InteropServices;

namespace Cdc.ClickHouse.Embedded.Internal;

/// <summary>Where the child's assembly and the dotnet that runs it are.</summary>
internal static class EngineHost
{
    public static string FindAssembly()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "cdc-engine", "Cdc.ClickHouse.Embedded.Host.dll");
        return File.Exists(path)
            ? path
            : throw new EmbeddedClickHouseException(
                "The folder cdc-engine is missing beside the application. The package's build targets copy it there: reference Cdc.ClickHouse.Embedded without ExcludeAssets=build.");
    }

    public static string FindDotnet() => Candidates().FirstOrDefault(File.Exists) ?? "dotnet";

    private static IEnumerable<string> Candidates()
    {
        if (Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet") yield return self;
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host) yield return host;

        // ROOT/shared/Microsoft.NETCore.App/VERSION/: the runtime that runs us has its dotnet at the root.
        yield return Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root) yield return Path.Combine(root, "dotnet");
    }
}
