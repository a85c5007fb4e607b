using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FullPipeline;

/// <summary>What the sample is doing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SampleState>))]
public enum SampleState
{
    /// <summary>The engine is fetched or started.</summary>
    Starting,

    /// <summary>The capture is applied.</summary>
    Applying,

    /// <summary>Everything is applied and the answers stand.</summary>
    Ready,

    /// <summary>The answers stand, but not every message was applied.</summary>
    Attention,

    /// <summary>ClickHouse does not answer.</summary>
    Failed,
}

/// <summary>What became of the messages of this run.</summary>
/// <param name="Messages">Messages read.</param>
/// <param name="Applied">Rows durable in ClickHouse, deletes included.</param>
/// <param name="Deleted">Deletes among them.</param>
/// <param name="Superseded">Changes that a newer stored version outlived.</param>
/// <param name="DeadLettered">Messages that could not be applied; they are in the dead letters' file.</param>
/// <param name="Skipped">Messages that are no change of a row.</param>
/// <param name="Held">Changes of stopped tables.</param>
public sealed record Counters(long Messages, long Applied, long Deleted, long Superseded, long DeadLettered, long Skipped, long Held);

/// <summary>One table.</summary>
/// <param name="Name">The table.</param>
/// <param name="Messages">Changes that the source sent.</param>
/// <param name="Deletes">Deletes among them.</param>
/// <param name="Rows">Rows that ClickHouse shows (FINAL), or null before it can be asked.</param>
/// <param name="Stopped">Why the table is stopped, or null.</param>
public sealed record TableStatus(string Name, long Messages, long Deletes, long? Rows, string? Stopped);

/// <summary>Sales that an answer leaves out, because what it joins is not there.</summary>
public sealed record Unmatched(long WithoutTerritory, long WithoutEmployee, long WithoutCustomer, long WithoutDueDate);

/// <summary>An answer: values as ClickHouse's own text, null for NULL.</summary>
public sealed record Answer(string View, string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows);

/// <summary>What the page shows and /status.json says.</summary>
public sealed record Status(
    SampleState State, string Detail, string? ClickHouse, string? Endpoint, Counters Counters,
    IReadOnlyList<TableStatus> Tables, Unmatched? Unmatched, IReadOnlyList<Answer> Answers)
{
    /// <summary>Changes with anything above, so that the page draws itself again only then.</summary>
    [JsonPropertyOrder(-1)]
    public string Revision => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes((State, Detail, ClickHouse, Endpoint, Counters, Tables, Unmatched, Answers), Whole)).AsSpan(0, 8));

    private static readonly JsonSerializerOptions Whole = new() { IncludeFields = true };
}
