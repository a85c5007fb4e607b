namespace Cdc.Postgres.Internal.Protocol;

/// <summary>The types whose oids are the same in every database: all that a bare Relation message tells of.</summary>
internal static class BuiltInTypes
{
    private static readonly Dictionary<uint, (string Name, uint Array)> Types = new()
    {
        [16] = ("bool", 1000), [17] = ("bytea", 1001), [19] = ("name", 1003), [20] = ("int8", 1016), [21] = ("int2", 1005), [23] = ("int4", 1007), [25] = ("text", 1009),
        [26] = ("oid", 1028), [114] = ("json", 199), [142] = ("xml", 143), [600] = ("point", 1017), [700] = ("float4", 1021), [701] = ("float8", 1022), [790] = ("money", 791),
        [1042] = ("bpchar", 1014), [1043] = ("varchar", 1015), [1082] = ("date", 1182), [1083] = ("time", 1183), [1114] = ("timestamp", 1115), [1184] = ("timestamptz", 1185),
        [1186] = ("interval", 1187), [1266] = ("timetz", 1270), [1560] = ("bit", 1561), [1562] = ("varbit", 1563), [1700] = ("numeric", 1231), [2950] = ("uuid", 2951),
        [3802] = ("jsonb", 3807),
    };

    private static readonly Dictionary<uint, string> Arrays = Types.ToDictionary(t => t.Value.Array, t => t.Value.Name);

    /// <summary>A type's name, or the name of an array's element; empty for one that is not built in, which is read as text.</summary>
    public static (string Name, bool IsArray) Find(uint oid) =>
        Types.TryGetValue(oid, out var type) ? (type.Name, false) : Arrays.TryGetValue(oid, out var element) ? (element, true) : ("", false);
}
