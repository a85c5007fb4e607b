using System.Text;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>INSERT … SELECT … FROM input('…'), which chDB refuses to stream: the data goes through a temporary table.</summary>
internal static class InputTable
{
    public static EngineResult Insert(
        EngineConnection connection, Statement statement, InputCall input, Stream data, IReadOnlyDictionary<string, string> parameters)
    {
        var name = $"_input_{Guid.NewGuid():N}";
        connection.Query($"CREATE TEMPORARY TABLE {name} ({input.Structure}) ENGINE = Memory");
        try
        {
            connection.Insert(Encoding.ASCII.GetBytes($"INSERT INTO {name}"), statement.Format!, data, parameters).Dispose();
            byte[] select = [.. statement.Head.AsSpan(0, input.Start), .. Encoding.ASCII.GetBytes(name), .. statement.Head.AsSpan(input.End)];
            return connection.Query(select, "Null", parameters);
        }
        finally
        {
            connection.Query($"DROP TEMPORARY TABLE IF EXISTS {name}");
        }
    }
}
