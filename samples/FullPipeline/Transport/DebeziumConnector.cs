using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace FullPipeline;

/// <summary>The one connector, in a Kafka Connect that is somebody's: made, or brought up to date, as often as one likes.</summary>
internal sealed class DebeziumConnector(Uri connect, string name) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = connect, Timeout = TimeSpan.FromSeconds(20) };

    private static string Schemas => Environment.GetEnvironmentVariable("JSON_SCHEMAS") == "false" ? "false" : "true";

    /// <summary>The settings: one connector and one slot for the four tables, with the database's owner as its user.</summary>
    public static Dictionary<string, string> Settings(string name, NpgsqlConnectionStringBuilder postgres, string slot) => new()
    {
        ["connector.class"] = "io.debezium.connector.postgresql.PostgresConnector",
        ["plugin.name"] = "pgoutput",
        ["database.hostname"] = postgres.Host!,
        ["database.port"] = postgres.Port.ToString(CultureInfo.InvariantCulture),
        ["database.user"] = postgres.Username!,
        ["database.password"] = postgres.Password ?? "",
        ["database.dbname"] = postgres.Database!,
        ["topic.prefix"] = name,
        ["table.include.list"] = string.Join(',', SalesSchema.Tables.Select(t => $"franco.{t}")),
        ["publication.name"] = slot,
        ["publication.autocreate.mode"] = "filtered", // the default publishes every table of the database
        ["slot.name"] = slot,
        ["slot.drop.on.stop"] = "false",
        ["decimal.handling.mode"] = "precise",
        ["heartbeat.interval.ms"] = "5000", // lets the slot go on while the four tables rest
        ["poll.interval.ms"] = "50",
        ["topic.creation.default.partitions"] = "3",
        ["topic.creation.default.replication.factor"] = Environment.GetEnvironmentVariable("KAFKA_REPLICATION_FACTOR") is { Length: > 0 } factor ? factor : "1",
        ["key.converter"] = "org.apache.kafka.connect.json.JsonConverter",
        ["key.converter.schemas.enable"] = Schemas,
        ["value.converter"] = "org.apache.kafka.connect.json.JsonConverter",
        ["value.converter.schemas.enable"] = Schemas,
    };

    /// <summary>Sets the connector's settings and waits until it runs.</summary>
    /// <exception cref="SampleException">Connect refuses the settings, or the connector failed.</exception>
    public async Task EnsureAsync(Dictionary<string, string> settings, IProgress<string> progress, CancellationToken cancellationToken)
    {
        progress.Report("Waiting for Kafka Connect");
        await PutAsync(settings, cancellationToken);
        progress.Report("Starting the Debezium connector");
        await TellAsync("resume", cancellationToken);
        var restarted = false;
        for (var tries = 0; ; tries++)
        {
            var state = await ReadAsync(cancellationToken);
            if (state.IsRunning) return;
            if (state.State == "FAILED" && restarted) throw new SampleException($"The Debezium connector failed: {state.Error}");
            if (state.State == "FAILED")
            {
                await RestartAsync(cancellationToken); // it failed in an earlier life: new settings alone do not wake its task
                restarted = true;
            }

            if (tries > 240) throw new SampleException($"The Debezium connector is {state.State} after two minutes. {state.Error}");
            await Task.Delay(500, cancellationToken);
        }
    }

    public async Task<ProducerState> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"connectors/{name}/status", UriKind.Relative), cancellationToken);
            if (!answer.IsSuccessStatusCode) return new ProducerState("UNASSIGNED", null);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            JsonElement[] parts = [json.RootElement.GetProperty("connector"), .. json.RootElement.GetProperty("tasks").EnumerateArray()];
            if (parts.Length == 1) return new ProducerState("UNASSIGNED", null);
            var worst = parts.FirstOrDefault(p => p.GetProperty("state").GetString() != "RUNNING", parts[0]);
            return new ProducerState(worst.GetProperty("state").GetString()!, worst.TryGetProperty("trace", out var trace) ? Essence(trace.GetString()!) : null);
        }
        catch (Exception e) when (e is JsonException || IsSilence(e, cancellationToken))
        {
            return new ProducerState("UNREACHABLE", "Kafka Connect does not answer");
        }
    }

    /// <summary>Wakes what failed. Whether it helped is seen in the state; a Kafka Connect that does not answer now is asked again by whoever sees that.</summary>
    public Task RestartAsync(CancellationToken cancellationToken) =>
        AskAsync(token => http.PostAsync(new Uri($"connectors/{name}/restart?includeTasks=true&onlyFailed=true", UriKind.Relative), null, token), cancellationToken);

    /// <summary>Lets it rest, with its settings and its place in the log, while the database is away.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await TellAsync("stop", cancellationToken);
        for (var tries = 0; tries < 20 && (await ReadAsync(cancellationToken)).State is "RUNNING"; tries++) await Task.Delay(100, cancellationToken);
    }

    /// <summary>Takes it from Kafka Connect; one that is not there is no error.</summary>
    /// <exception cref="SampleException">Kafka Connect does not answer, or refuses.</exception>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.DeleteAsync(new Uri($"connectors/{name}", UriKind.Relative), cancellationToken);
            if (!answer.IsSuccessStatusCode && answer.StatusCode != System.Net.HttpStatusCode.NotFound) throw new SampleException($"Kafka Connect does not delete the connector {name} ({(int)answer.StatusCode}): try again.");
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            throw new SampleException($"Kafka Connect does not answer at {connect}: {e.Message}", e);
        }
    }

    public void Dispose() => http.Dispose();

    private Task TellAsync(string what, CancellationToken cancellationToken) =>
        AskAsync(token => http.PutAsync(new Uri($"connectors/{name}/{what}", UriKind.Relative), null, token), cancellationToken);

    private static async Task AskAsync(Func<CancellationToken, Task<HttpResponseMessage>> ask, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await ask(cancellationToken);
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            // The state says so too: UNREACHABLE.
        }
    }

    private static bool IsSilence(Exception e, CancellationToken cancellationToken) => e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>What a stack trace begins with, and what was at the bottom of it.</summary>
    private static string Essence(string trace)
    {
        var lines = trace.Split('\n');
        return lines.LastOrDefault(l => l.StartsWith("Caused by: ", StringComparison.Ordinal)) is { } cause ? $"{lines[0].TrimEnd()}. {cause.TrimEnd()}" : lines[0].TrimEnd();
    }

    // A worker that starts, or shares its load out anew, answers 404, 409 or 5xx for a while.
    private async Task PutAsync(Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            string problem;
            try
            {
                using var answer = await http.PutAsJsonAsync(new Uri($"connectors/{name}/config", UriKind.Relative), settings, cancellationToken);
                if (answer.IsSuccessStatusCode) return;
                var body = await answer.Content.ReadAsStringAsync(cancellationToken);
                if ((int)answer.StatusCode is 400 or 401 or 403) throw new SampleException($"Kafka Connect refuses the connector ({(int)answer.StatusCode}): {body.Trim()}");
                problem = $"status {(int)answer.StatusCode}";
            }
            catch (Exception e) when (IsSilence(e, cancellationToken))
            {
                problem = e.Message;
            }

            if (tries > 240) throw new SampleException($"Kafka Connect does not take the connector at {connect}: {problem}");
            await Task.Delay(500, cancellationToken);
        }
    }
}
