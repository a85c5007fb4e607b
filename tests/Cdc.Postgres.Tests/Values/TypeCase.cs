using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Cdc.Postgres.Tests.Values;

/// <summary>A type of PostgreSQL and values of it: chosen ones, and random ones as literals.</summary>
/// <param name="Type">The type, as a column is declared.</param>
/// <param name="Chosen">Literals of extremes and oddities.</param>
internal sealed record TypeCase(string Type, params string?[] Chosen)
{
    private const int RandomCount = 60;

    public static readonly IReadOnlyList<TypeCase> All =
    [
        new("bool", "t", "f") { Random = Of<bool>(b => b ? "t" : "f") },
        new("int2", "-32768", "32767", "0") { Random = Of<short>(Invariant) },
        new("int4", "-2147483648", "2147483647") { Random = Of<int>(Invariant) },
        new("int8", "-9223372036854775808", "9223372036854775807", "9007199254740993") { Random = Of<long>(Invariant) },
        new("oid", "0", "4294967295") { Random = Of<uint>(Invariant) },
        new("float4", "NaN", "Infinity", "-Infinity", "-0", "3.4028235e38", "1.17549435e-38", "1e-45", "0.1") { Random = Of<float>(f => f.ToString("R", CultureInfo.InvariantCulture)) },
        new("float8", "NaN", "Infinity", "-Infinity", "-0", "1.7976931348623157e308", "5e-324", "0.1", "1e20", "1e15") { Random = Of<double>(f => f.ToString("R", CultureInfo.InvariantCulture)) },
        new("numeric", "NaN", "Infinity", "-Infinity", "0", "0.000", "-1.10", "1e-20", "1e30", "123456789012345678901234567890.123456789", "10000", "0.0001", "1e131071", "1e-16383", "9999.9999") { Random = Decimals },
        new("numeric(10,2)", "NaN", "99999999.99", "-0.01", "0.00", "1.1"),
        new("numeric(38,18)", "99999999999999999999.999999999999999999", "-0.000000000000000001"),
        new("numeric(76,10)", "-999999999999999999999999999999999999999999999999999999999999999999.9999999999"),
        new("numeric(5,-2)", "-99900", "9999900", "0"),
        new("numeric(3,5)", "0.00999", "-0.00001"),
        new("money", "-92233720368547758.08", "92233720368547758.07", "0", "1.5", "-0.01") { Random = Of<int>(i => $"{i}.{Math.Abs(i % 100):D2}") },
        new("text", "", "NULL", "a\tb\nc\"d\\e'f", "🦀 日本", "__debezium_unavailable_value") { Random = Texts },
        new("varchar(20)", "", "ünï") { Random = Texts.Where(t => t.EnumerateRunes().Count() <= 20) },
        new("char(5)", "ab", "", "日本"),
        new("name", "a name", ""),
        new("citext", "ÜBER"),
        new("uuid", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff") { Random = Of<Guid>(g => g.ToString()) },
        new("json", "null", "{\"b\":1, \"a\" : [1,2,{\"x\":null}]}", "\"\\u00e9\""),
        new("jsonb", "null", "{\"b\":1,\"a\":1.10,\"big\":12345678901234567890}", "[[[]]]") { Random = Texts.Select(t => System.Text.Json.JsonSerializer.Serialize(t)) },
        new("xml", "<a b=\"c\">t</a>", ""),
        new("hstore", "", "a=>1", "\"k \"=>NULL, \"q\\\"q\"=>\"\\\\\"") { Random = Texts.Select(t => $"\"k\"=>{Quoted(t)}, {Quoted(t)}=>NULL") },
        new("ltree", "Top.Science", ""),
        new("inet", "192.168.0.1/24", "10.0.0.1", "::1", "2001:db8::1/64"),
        new("cidr", "10.1.0.0/16", "::/0"),
        new("macaddr", "08:00:2b:01:02:03"),
        new("macaddr8", "08:00:2b:01:02:03:04:05"),
        new("bytea", "\\x", "\\x00", "\\xdeadbeef") { Random = Of<byte[]>(b => "\\x" + Convert.ToHexString(b)) },
        new("bit", "1", "0"),
        new("bit(5)", "10101", "00000", "00001"),
        new("bit(70)", "1000000000000000000000000000000000000000000000000000000000000000000001"),
        new("varbit", "", "1", "101", "0000000011111111") { Random = Bits },
        new("varbit(1)", "1", "0"),
        new("date", "infinity", "-infinity", "4713-01-01 BC", "0001-01-01", "0001-12-31 BC", "1582-10-10", "1900-01-01", "2299-12-31", "5874897-12-31", "2024-02-29") { Random = Days.Select(d => $"{d}") },
        new("time", "00:00:00", "23:59:59.999999", "24:00:00", "12:00:00.1") { Random = Times },
        new("time(3)", "13:45:30.123"),
        new("time(0)", "13:45:30"),
        new("timetz", "13:45:30.123456+02", "24:00:00+00", "23:59:59.999999-14", "00:00:00.001+14", "12:00:00+05:45", "12:00:00+00:19:32") { Random = Gen.Zip(Times, Zones).Select(t => t.Item1 + t.Item2) },
        new("timestamp", "infinity", "-infinity", "4713-01-01 00:00:00 BC", "0044-03-15 10:00:00.5 BC", "1969-12-31 23:59:59.999999", "294276-12-31 23:59:59.999999", "2024-02-29 13:45:30") { Random = Gen.Zip(Days, Times).Select(t => $"{t.Item1} {t.Item2}") },
        new("timestamp(0)", "2024-02-29 13:45:30", "0001-01-01 00:00:00"),
        new("timestamp(3)", "2024-02-29 13:45:30.120", "1969-12-31 23:59:59.999"),
        new("timestamptz", "infinity", "0044-03-15 10:00:00+00 BC", "2024-02-29 13:45:30.123456-08", "294276-12-31 23:59:59.999999+00") { Random = Gen.Zip(Gen.Zip(Days, Times), Zones).Select(t => $"{t.Item1.Item1} {t.Item1.Item2}{t.Item2}") },
        new("timestamptz(3)", "2024-02-29 13:45:30.123+02"),
        new("interval", "1 year 2 mons 3 days 04:05:06.789", "-1 years -2 mons +3 days -04:05:06.789", "10000 years", "00:00:00", "-00:00:00.000001", "1 day -00:00:01", "100000:00:00") { Random = Gen.Zip(Gen.Zip(Gen.Choose(-2000, 2000), Gen.Choose(-2000, 2000)), Gen.Choose(int.MinValue, int.MaxValue)).Select(t => $"{t.Item1.Item1} mons {t.Item1.Item2} days {t.Item2} microseconds") },
        new("point", "(1.5,-2.5)", "(NaN,Infinity)", "(1e300,-0)"),
        new("line", "{1,2,3}"), new("lseg", "[(0,0),(1,1)]"), new("box", "((0,0),(1,1))"), new("path", "[(0,0),(1,1)]"), new("polygon", "((0,0),(1,1),(2,0))"), new("circle", "<(1,2),3>"),
        new("int4range", "[1,5)", "empty", "(,)"), new("numrange", "[1.10,2.2)"), new("tsrange", "[2024-01-01 00:00,)"), new("tstzrange", "[2024-01-01 00:00+02,)"), new("daterange", "[2024-01-01,2024-12-31]"), new("int4multirange", "{[1,3),[5,7)}"),
        new("vals.mood", "sad", "it's \"complicated\""), new("vals.posint", "1", "2147483647"), new("vals.price", "-0.01", "99999999.99"), new("vals.pair", "(1,\"a b\")"),
        new("tsvector", "'a':1 'b':2"), new("tsquery", "'a' & 'b'"), new("pg_lsn", "16/B374D848"),
        .. Arrays,
    ];

    private static IEnumerable<TypeCase> Arrays =>
    [
        new("int4[]", "{}", "{1,NULL,-2}", "{{1,2},{3,NULL}}", "{{{1}}}", "[0:1]={1,2}", "[2:3][0:0]={{5},{6}}") { Random = Of<int[]>(a => $"{{{string.Join(',', a)}}}") },
        new("int8[]", "{9223372036854775807}"), new("float8[]", "{0.1,Infinity,NaN,1e300}"), new("numeric[]", "{1.10,NULL,NaN,12345678901234567890.5}", "{1e5000,-1e-5000,NULL}", "{{1e3000,2},{-1e-3000,3}}"), new("numeric(10,2)[]", "{1.1,-2.00}"),
        new("text[]", "{a,NULL,\"c,d\",\"q\\\"q\",\"\",\"NULL\",\"b\\\\s\",\"{}\"}", "{{a,\"b}\"},{\"\",NULL}}") { Random = Of<string[]>(a => $"{{{string.Join(',', a.Select(t => Quoted(Clean(t))))}}}") },
        new("char(3)[]", "{abc,a}"), new("bool[]", "{t,f,NULL}"), new("date[]", "{2024-02-29,infinity,\"0044-03-15 BC\"}"), new("timestamp[]", "{\"2024-02-29 13:45:30.123456\",infinity}"),
        new("timestamptz[]", "{\"2024-02-29 13:45:30.123456+02\"}"), new("time[]", "{13:45:30.123456}"), new("timetz[]", "{13:45:30.123456+02}"), new("uuid[]", "{123e4567-e89b-12d3-a456-426614174000}"),
        new("bytea[]", "{\"\\\\xdeadbeef\",\"\\\\x\"}"), new("vals.mood[]", "{sad,\"it's \\\"complicated\\\"\",NULL}"), new("json[]", "{\"{\\\"a\\\":1}\",null}"), new("jsonb[]", "{\"{\\\"a\\\": [1, \\\"x\\\"]}\"}"),
        new("hstore[]", "{\"\\\"a\\\"=>\\\"1\\\"\",NULL}"), new("inet[]", "{10.0.0.1,10.1.0.0/16}"), new("interval[]", "{\"1 day\",02:00:00}"), new("point[]", "{\"(1,2)\"}"), new("bit(3)[]", "{101,000}"),
        new("bit[]", "{1,0}"), new("money[]", "{$1.50,\"-$1,234.50\"}"), new("vals.posint[]", "{1,2}"), new("box[]", "{(1,1),(0,0);(2,2),(1,1)}"), new("int4range[]", "{\"[1,5)\",empty}"), new("name[]", "{a}"),
    ];

    /// <summary>What random literals are made of.</summary>
    public Gen<string>? Random { get; init; }

    /// <summary>The literals: NULL, the chosen ones, random ones.</summary>
    public string?[] Literals() => [null, .. Chosen, .. Random?.Sample(RandomCount, 20) ?? []];

    private static Gen<string> Texts => ArbMap.Default.GeneratorFor<string>().Select(Clean);

    private static Gen<string> Decimals => Gen.Zip(Of<long>(Invariant), Gen.Choose(-40, 40)).Select(t => $"{t.Item1}e{t.Item2}");

    private static Gen<string> Bits => Gen.Elements('0', '1').ListOf().Select(bits => string.Concat(bits));

    // A BC year and one of five digits are among the chosen ones.
    private static Gen<string> Days => Gen.Choose(0, 3_652_058).Select(d => DateOnly.FromDayNumber(d).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static Gen<string> Times => Gen.Zip(Gen.Choose(0, 86_399), Gen.Choose(0, 999_999)).Select(t => $"{TimeSpan.FromSeconds(t.Item1):hh\\:mm\\:ss}.{t.Item2:D6}");

    private static Gen<string> Zones => Gen.Zip(Gen.Choose(-14, 14), Gen.Elements("00", "30", "45")).Select(z => $"{(z.Item1 < 0 ? "-" : "+")}{Math.Abs(z.Item1):D2}:{z.Item2}");

    private static Gen<string> Of<T>(Func<T, string> literal) => ArbMap.Default.GeneratorFor<T>().Select(literal);

    private static string Invariant<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    // The server knows no NUL, and lone surrogates are no text.
    private static string Clean(string? text) => string.Concat((text ?? "").EnumerateRunes()).Replace("\0", "");

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}
