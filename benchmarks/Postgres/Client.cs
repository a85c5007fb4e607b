using System.Diagnostics;
using System.Globalization;

namespace Cdc.Benchmarks.Postgres;

/// <summary>PostgreSQL's own clients, which throw away what they get: the limits.</summary>
internal sealed class Client(Database database)
{
    public Task<TimeSpan> CopyAsync() =>
        RunAsync("psql", "-X", "-q", "-c", "COPY (SELECT * FROM cdc_bench.sales) TO STDOUT (FORMAT binary)", "-o", "/dev/null");

    public Task<TimeSpan> ReceiveAsync(string slot, string end) => RunAsync(
        "pg_recvlogical", "--start", "--no-loop", "-S", slot, "-f", "/dev/null", "-E", end, "-o", "proto_version=1", "-o", $"publication_names={Database.Publication}", "-o", "messages=true");

    private async Task<TimeSpan> RunAsync(string program, params string[] arguments)
    {
        await Console.Error.WriteLineAsync(program);
        var where = database.Where;
        var start = new ProcessStartInfo(Find(program), ["-h", where.Host!, "-p", where.Port.ToString(CultureInfo.InvariantCulture), "-U", where.Username!, "-d", where.Database!, .. arguments])
        {
            RedirectStandardOutput = true,
            Environment = { ["PGPASSWORD"] = where.Password },
        };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        await process.StandardOutput.BaseStream.CopyToAsync(System.IO.Stream.Null);
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? clock.Elapsed : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    private static string Find(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().Reverse().Select(d => Path.Combine(d, "bin")) : [])
            .Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists) ?? throw new InvalidOperationException($"{program} is missing: install PostgreSQL's server and client.");
}
