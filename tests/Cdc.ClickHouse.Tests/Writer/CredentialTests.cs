using System.Text;
using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class CredentialTests(EngineFixture engine)
{
    private const string Canary = "canary-4711";
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Table() => new(database, "t", ["id"], Column("id", ValueKind.Int64), Column("v", ValueKind.String));

    private static string Header(string user, string password) => "Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    [Theory]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 403 Forbidden\r\nX-ClickHouse-Exception-Code: 516\r\nContent-Length: 0\r\n\r\n")]
    public async Task Refused_credentials_are_asked_for_again(string refusal)
    {
        var asked = 0;
        await using var proxy = new FaultProxy(engine.Endpoint, (head, _) => head.Contains(Header("me", "old"), StringComparison.Ordinal) ? new Fault.Answer(refusal) : new Fault.None());
        await engine.WriteAsync(o =>
        {
            o.Endpoint = proxy.Endpoint;
            o.CredentialProvider = _ => ValueTask.FromResult(ClickHouseCredentials.Basic("me", asked++ == 0 ? "old" : "nëw"));
        }, Table().Insert(1, "1", "x"));
        Assert.Equal(2, asked);
        Assert.Contains(Header("me", "nëw"), proxy.Inserts[^1].Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_fails_is_asked_again()
    {
        var asked = 0;
        await engine.WriteAsync(o => o.CredentialProvider = _ => asked++ == 0 ? throw new InvalidOperationException(Canary) : ValueTask.FromResult(ClickHouseCredentials.Bearer("token")), Table().Insert(1, "1", "x"));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Neither_secrets_nor_values_are_in_an_address_or_an_exception_or_a_status()
    {
        var said = new List<string>();
        await using var proxy = new FaultProxy(engine.Endpoint, (_, number) => number switch
        {
            0 => new Fault.Answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
            1 => new Fault.CutAnswer(0),
            _ => new Fault.Answer($"HTTP/1.1 500 No\r\nX-ClickHouse-Exception-Code: 36\r\nContent-Length: 62\r\n\r\nCode: 36. DB::Exception: Bad '{Canary}' {Canary}. (BAD_ARGUMENTS)"),
        });
        var options = engine.Options(o =>
        {
            o.Endpoint = proxy.Endpoint;
            o.User = "me";
            o.Password = Canary;
        });
        var table = Table();
        await using var writer = new ClickHouseWriter(options);
        writer.StatusChanged += s => said.Add(s.ToString());
        await writer.AppendAsync(table.Insert(1, "1", Canary), table.Update(2, Canary.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), Unavailable));
        var result = await writer.FlushAsync(WriterExtensions.Cancel);
        said.AddRange(result.Stopped.Select(s => s.Cause.ToString()));
        said.AddRange(result.Rejected.Select(r => r.ToString()));
        said.AddRange(proxy.Requests.Select(r => r.Head.Split("\r\n")[0]));
        said.Add(ClickHouseCredentials.Basic("me", Canary).ToString());
        Assert.NotEmpty(result.Stopped);
        Assert.All(said, s => Assert.DoesNotContain(Canary, s, StringComparison.Ordinal));
        Assert.All(proxy.Requests, r => Assert.Contains(Header("me", Canary), r.Head, StringComparison.Ordinal));
    }
}
