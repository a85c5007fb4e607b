using System.Buffers.Binary;
using System.Globalization;
using Cdc.ClickHouse.Internal.Columns;
using Cdc.ClickHouse.Internal.Http;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>
/// Asks the target for the greatest stored versions below given ones, by key. The keys travel as a Native block inside a parameter,
/// the values come back as the server's own bytes: neither becomes text.
/// </summary>
internal sealed class StoredRowLookUp(TableBinding binding, List<int> columns)
{
    // The server takes 128 KiB for one parameter, and the bytes are sent in hexadecimal.
    private const int MaxKeyBytes = 48 * 1024;
    private const int MaxEntries = 1000;
    private readonly List<Entry> entries = [];

    private readonly record struct Entry(int Row, ChangeEvent Change, bool Former, bool Fetch, bool OnlyAlive);

    /// <param name="row">The waiting row.</param>
    /// <param name="change">Its change.</param>
    /// <param name="former">Whether its former key is looked up.</param>
    /// <param name="fetch">Whether the values are asked for.</param>
    /// <param name="onlyAlive">Whether deletes are passed over.</param>
    public void Add(int row, ChangeEvent change, bool former, bool fetch, bool onlyAlive = false) => entries.Add(new Entry(row, change, former, fetch, onlyAlive));

    public async Task RunAsync(ServerConnection server, StoredRow?[] stored, StoredRow?[] own, CancellationToken cancellationToken)
    {
        using var keys = new KeyBlock(binding.Layout);
        var first = 0;
        while (first < entries.Count)
        {
            keys.Clear();
            var next = first;
            while (next < entries.Count && keys.Rows < MaxEntries && (keys.Bytes < MaxKeyBytes || keys.Rows == 0))
            {
                var entry = entries[next++];
                keys.Add((uint)(next - 1), entry.Fetch, entry.OnlyAlive, entry.Change.Version, entry.Change, entry.Former);
            }

            KeyValuePair<string, string>[] parameters = [new("keys", await keys.ToHexAsync(cancellationToken).ConfigureAwait(false))];
            var result = await server.QueryAsync(Query(keys), parameters, "&prefer_column_name_to_alias=1&output_format_binary_write_json_as_string=1", cancellationToken).ConfigureAwait(false);
            Read(result, stored, own);
            first = next;
        }

        entries.Clear();
    }

    /// <remarks>The aliases are such that no column of a source is called, and a column wins over an alias (see the setting).</remarks>
    private string Query(KeyBlock keys)
    {
        var version = Sql.Name(binding.Layout.VersionName);
        var deleted = Sql.Name(binding.Layout.DeletedName);
        var keyNames = string.Join(", ", Enumerable.Range(0, keys.Names.Count).Select(KeyBlock.Alias));
        var tableKeys = string.Join(", ", keys.Names.Select(static (n, i) => $"{Sql.Name(n)} AS {KeyBlock.Alias(i)}"));
        var values = string.Join(", ", columns.Select(c => Sql.Name(binding.Layout[c].Name)).Append(version));
        var data = $"format(Native, {Sql.Text(keys.Structure)}, unhex({{keys:String}}))";
        var join = string.Join(" AND ", Enumerable.Range(0, keys.Names.Count).Select(static i => $"s.{KeyBlock.Alias(i)} = l.{KeyBlock.Alias(i)}"));
        var picked = string.Concat(Enumerable.Range(1, columns.Count).Select(static i => string.Create(CultureInfo.InvariantCulture, $", formatRow('RowBinary', cdc_c.{i})")));
        const string lower = "s.cdc_v < l.cdc_below AND (l.cdc_alive = 0 OR s.cdc_d = 0)";
        return $"""
            SELECT cdc_row, cdc_found, cdc_lower, cdc_deleted, cdc_newest{picked} FROM
            (
                SELECT l.cdc_row AS cdc_row, toUInt8(countIf({lower}) > 0) AS cdc_found, maxIf(s.cdc_v, {lower}) AS cdc_lower, argMaxIf(s.cdc_d, s.cdc_v, {lower}) AS cdc_deleted,
                    max(s.cdc_v) AS cdc_newest, argMaxIf(s.cdc_c, s.cdc_v, {lower} AND l.cdc_fetch = 1) AS cdc_c
                FROM
                (
                    SELECT {tableKeys}, {version} AS cdc_v, {deleted} AS cdc_d, tuple({values}) AS cdc_c
                    FROM {Sql.Name(binding.Plan.Database, binding.Plan.Table)} WHERE ({Sql.Names(keys.Names)}) IN (SELECT {keyNames} FROM {data})
                ) AS s
                INNER JOIN (SELECT * FROM {data}) AS l ON {join}
                GROUP BY l.cdc_row
            )
            FORMAT RowBinary
            """;
    }

    private void Read(ReadOnlySpan<byte> result, StoredRow?[] stored, StoredRow?[] own)
    {
        while (!result.IsEmpty)
        {
            var entry = entries[(int)BinaryPrimitives.ReadUInt32LittleEndian(result)];
            UInt128? lower = result[4] != 0 ? BinaryPrimitives.ReadUInt128LittleEndian(result[5..]) : null;
            var deleted = result[21] != 0;
            var newest = BinaryPrimitives.ReadUInt128LittleEndian(result[22..]);
            result = result[38..];
            var values = new byte[columns.Count][];
            for (var i = 0; i < values.Length; i++) values[i] = RowBinary.ReadString(ref result).ToArray();
            (entry.Former ? stored : own)[entry.Row] = new StoredRow(lower, deleted, newest, entry.Fetch ? values : null);
        }
    }
}
