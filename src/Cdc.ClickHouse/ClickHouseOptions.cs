namespace Cdc.ClickHouse;

/// <summary>How a <see cref="ClickHouseWriter"/> writes. Read once when the writer is made.</summary>
public sealed class ClickHouseOptions
{
    /// <summary>The HTTP interface of the server: <c>https://host:8443</c>. There is no default.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Lets <see cref="Endpoint"/> be plain HTTP to another machine: credentials and rows travel unprotected.</summary>
    public bool AllowPlainHttp { get; set; }

    /// <summary>The database of all tables, or null for one named like each source table's schema (or database).</summary>
    public string? Database { get; set; }

    /// <summary>The user, or null for the server's default. Not beside <see cref="BearerToken"/> or <see cref="CredentialProvider"/>.</summary>
    public string? User { get; set; }

    /// <summary>The password of <see cref="User"/>.</summary>
    public string? Password { get; set; }

    /// <summary>A bearer token in place of user and password.</summary>
    public string? BearerToken { get; set; }

    /// <summary>Gives the credentials; asked at first use, and again after the server refuses them.</summary>
    public Func<CancellationToken, ValueTask<ClickHouseCredentials>>? CredentialProvider { get; set; }

    /// <summary>The handler below the HTTP client, for proxies and own certificates; the writer does not dispose it. It must not follow redirects.</summary>
    public HttpMessageHandler? HttpMessageHandler { get; set; }

    /// <summary>How long one request may take. The default is 60 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The most rows of one insert. The default is 50,000; at most 1,000,000, so that the server keeps them one block.</summary>
    public int MaxBlockRows { get; set; } = 50_000;

    /// <summary>The encoded bytes at which an insert starts. The default is 16 MB; at most 200 MB.</summary>
    public int MaxBlockBytes { get; set; } = 16_000_000;

    /// <summary>The encoded bytes of all tables at which the writer takes no more until some are stored. The default is 256 MB.</summary>
    public long MaxBufferedBytes { get; set; } = 256_000_000;

    /// <summary>The most inserts of one table under way. The default is 2.</summary>
    public int InFlightPerTable { get; set; } = 2;

    /// <summary>Whether databases and tables that do not exist are created. The default is true.</summary>
    public bool CreateTables { get; set; } = true;

    /// <summary>Whether a created table gets a view <c>TABLE_current</c> of its present rows. The default is true.</summary>
    public bool Views { get; set; } = true;

    /// <summary>What a new column does; null evolves when <see cref="CreateTables"/> is set, else stops.</summary>
    public NewColumnPolicy? NewColumn { get; set; }

    /// <summary>What a column does that may have been renamed at the source.</summary>
    public RenamePolicy Rename { get; set; }

    /// <summary>What a change of type does that loses something. A lossless one widens the column wherever columns may evolve.</summary>
    public TypeChangePolicy TypeChange { get; set; }

    /// <summary>What an update does to columns that its message does not carry.</summary>
    public AbsentColumnPolicy AbsentColumns { get; set; }

    /// <summary>
    /// Whether a truncate of the source may be repeated. Each flush then asks for truncates that other writers applied.
    /// The default is false: a truncate stops its table.
    /// </summary>
    public bool ApplyTruncates { get; set; }

    /// <summary>The name of the version's column.</summary>
    public string VersionColumn { get; set; } = "_version";

    /// <summary>The name of the column that is 1 for a deleted row.</summary>
    public string DeletedColumn { get; set; } = "_is_deleted";

    /// <summary>The name of the column of the operation: c, u, d or r.</summary>
    public string OperationColumn { get; set; } = "_op";

    /// <summary>The name of the column of the source's commit time.</summary>
    public string SourceTimestampColumn { get; set; } = "_source_ts";

    /// <summary>The name of the column of the server's time of storing.</summary>
    public string IngestedColumn { get; set; } = "_ingested_at";

    /// <summary>How long to wait between tries.</summary>
    public ClickHouseRetryOptions Retry { get; } = new();

    /// <summary>What differs for single tables, by <c>schema.table</c> of the source.</summary>
    public IDictionary<string, ClickHouseTableOptions> Tables { get; } = new Dictionary<string, ClickHouseTableOptions>(StringComparer.Ordinal);

    internal NewColumnPolicy EffectiveNewColumn => NewColumn ?? (CreateTables ? NewColumnPolicy.Evolve : NewColumnPolicy.Stop);

    internal ClickHouseTableOptions For(TableId table) => Tables.TryGetValue(table.ToString(), out var options) ? options : new ClickHouseTableOptions();

    internal IReadOnlyList<string> TechnicalColumns => [VersionColumn, DeletedColumn, OperationColumn, SourceTimestampColumn, IngestedColumn];

    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    internal void Validate(string parameter)
    {
        var problems = Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException($"The ClickHouse options are wrong: {string.Join("; ", problems)}.", parameter);
    }

    private IEnumerable<string> Problems()
    {
        if (Endpoint is null || !Endpoint.IsAbsoluteUri) yield return $"{nameof(Endpoint)} is not set to an absolute address";
        else
        {
            if (Endpoint.Scheme is not ("http" or "https")) yield return $"{nameof(Endpoint)} must be http or https";
            if (Endpoint.Scheme == "http" && !Endpoint.IsLoopback && !AllowPlainHttp) yield return $"{nameof(Endpoint)} is plain HTTP to another machine; use https, or set {nameof(AllowPlainHttp)}";
            if (Endpoint.UserInfo.Length > 0) yield return $"{nameof(Endpoint)} holds credentials; set {nameof(User)} and {nameof(Password)} instead";
            if (Endpoint.Query.Length > 0 || Endpoint.Fragment.Length > 0) yield return $"{nameof(Endpoint)} must have neither query nor fragment";
        }

        if (Database is { Length: 0 }) yield return $"{nameof(Database)} is empty; leave it null for the source's own names";
        var ways = (User is null ? 0 : 1) + (BearerToken is null ? 0 : 1) + (CredentialProvider is null ? 0 : 1);
        if (ways > 1) yield return $"only one of {nameof(User)}, {nameof(BearerToken)} and {nameof(CredentialProvider)} can be set";
        if (Password is not null && User is null) yield return $"{nameof(Password)} is set without {nameof(User)}";
        if (User is { } user && (user.Length == 0 || user.Contains(':'))) yield return $"{nameof(User)} is empty or has a colon";
        if (HttpMessageHandler is SocketsHttpHandler { AllowAutoRedirect: true } or HttpClientHandler { AllowAutoRedirect: true }) yield return $"{nameof(HttpMessageHandler)} follows redirects; set AllowAutoRedirect = false";
        if (RequestTimeout <= TimeSpan.Zero) yield return $"{nameof(RequestTimeout)} is {RequestTimeout}; it must be positive";
        if (MaxBlockRows is < 1 or > 1_000_000) yield return $"{nameof(MaxBlockRows)} is {MaxBlockRows}; it must be 1 to 1,000,000";
        if (MaxBlockBytes is < 1024 or > 200_000_000) yield return $"{nameof(MaxBlockBytes)} is {MaxBlockBytes}; it must be 1,024 to 200,000,000";
        if (MaxBufferedBytes < MaxBlockBytes) yield return $"{nameof(MaxBufferedBytes)} is {MaxBufferedBytes}; it must be at least {nameof(MaxBlockBytes)}";
        if (InFlightPerTable is < 1 or > 16) yield return $"{nameof(InFlightPerTable)} is {InFlightPerTable}; it must be 1 to 16";
        if (NewColumn is { } policy && !Enum.IsDefined(policy)) yield return $"{nameof(NewColumn)} is not one of Evolve, Stop, Ignore";
        if (!Enum.IsDefined(Rename)) yield return $"{nameof(Rename)} is not one of Stop, Rename, Add";
        if (!Enum.IsDefined(TypeChange)) yield return $"{nameof(TypeChange)} is not one of Stop, Replace";
        if (!Enum.IsDefined(AbsentColumns)) yield return $"{nameof(AbsentColumns)} is not one of Keep, Default";
        if (TechnicalColumns.Any(string.IsNullOrEmpty) || TechnicalColumns.Distinct(StringComparer.Ordinal).Count() != 5) yield return "the technical columns need five different names";
        foreach (var problem in Retry.Problems()) yield return problem;
        foreach (var (name, table) in Tables)
        {
            foreach (var problem in table.Problems(name)) yield return problem;
        }
    }
}
