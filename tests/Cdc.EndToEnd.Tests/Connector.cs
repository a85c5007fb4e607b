using System.Globalization;

namespace Cdc.EndToEnd.Tests;

/// <summary>The settings of a Debezium connector that reads the tests' PostgreSQL: JSON with schemas.</summary>
internal static class Connector
{
    /// <param name="postgres">The server.</param>
    /// <param name="prefix">The first part of its topics' names.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="publication">Its publication.</param>
    /// <param name="own">What is different, or comes on top.</param>
    public static Dictionary<string, string> Settings(Postgres postgres, string prefix, string slot, string publication, params (string Name, string Value)[] own)
    {
        var settings = new Dictionary<string, string>
        {
            ["connector.class"] = "io.debezium.connector.postgresql.PostgresConnector",
            ["plugin.name"] = "pgoutput",
            ["database.hostname"] = "127.0.0.1",
            ["database.port"] = postgres.Port.ToString(CultureInfo.InvariantCulture),
            ["database.user"] = "cdc",
            ["database.password"] = "cdc",
            ["database.dbname"] = "postgres",
            ["topic.prefix"] = prefix,
            ["publication.name"] = publication,
            ["publication.autocreate.mode"] = "disabled",
            ["slot.name"] = slot,
            ["slot.drop.on.stop"] = "false",
            ["topic.creation.default.partitions"] = "3",
            ["topic.creation.default.replication.factor"] = "1",
            ["poll.interval.ms"] = "50",
            ["key.converter"] = "org.apache.kafka.connect.json.JsonConverter",
            ["key.converter.schemas.enable"] = "true",
            ["value.converter"] = "org.apache.kafka.connect.json.JsonConverter",
            ["value.converter.schemas.enable"] = "true",
        };
        foreach (var (name, value) in own) settings[name] = value;
        return settings;
    }
}
