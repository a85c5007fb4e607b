namespace Cdc.Debezium.Internal.Tables;

/// <summary>Tells the table from a topic's name where nothing else in the message does: <c>prefix.schema.table</c>, odd characters as <c>_</c>.</summary>
internal static class TopicNames
{
    public static TableId? Find(string topic, string? prefix, SourceCatalog? catalog)
    {
        var rest = Rest(topic, prefix);
        if (rest is null) return null;
        CatalogTable? found = null;
        foreach (var table in catalog?.Tables ?? [])
        {
            if (!string.Equals(rest, $"{Sanitize(table.Table.Namespace)}.{Sanitize(table.Table.Name)}", StringComparison.Ordinal)) continue;
            if (found is not null) return null;
            found = table;
        }

        if (found is not null) return found.Table;
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot <= 0 || dot == rest.Length - 1 ? null : new TableId("", rest[..dot], rest[(dot + 1)..]);
    }

    private static string? Rest(string topic, string? prefix)
    {
        if (prefix is not null) return topic.StartsWith($"{prefix}.", StringComparison.Ordinal) ? topic[(prefix.Length + 1)..] : null;
        var dot = topic.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? null : topic[(dot + 1)..];
    }

    private static string Sanitize(string name) => string.Create(name.Length, name, static (span, text) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = char.IsAsciiLetterOrDigit(text[i]) || text[i] is '.' or '-' or '_' ? text[i] : '_';
    });
}
