using Bogus;

namespace FullPipeline;

internal sealed record Territory(string Country, string Region, string City, string Currency);

/// <summary>A customer; the properties are the columns, in the order of <see cref="SalesSql.InsertCustomer"/>.</summary>
internal sealed record Customer(
    Guid Key, Guid AlternateKey, string? Title, string FirstName, string? MiddleName, string LastName, string? Suffix, string NameStyle, char Gender, char MaritalStatus,
    DateOnly BirthDate, short Age, string Email, string Phone, string Address1, string? Address2,
    (string English, string French, string Spanish) Education, (string English, string French, string Spanish) Occupation,
    decimal? YearlyIncome, short Children, short ChildrenAtHome, bool HouseOwner, short Cars, string CommuteDistance, DateOnly? FirstPurchase);

/// <summary>A sale whose money and dates agree with each other.</summary>
internal sealed record Sale(
    string OrderNumber, DateTime Ordered, DateOnly Due, DateOnly? Shipped, int Quantity, decimal UnitPrice, decimal DiscountPercent, decimal StandardCost)
{
    public decimal Extended => Quantity * UnitPrice;

    public decimal Discount => Cents(Extended * DiscountPercent);

    public decimal Amount => Extended - Discount;

    public decimal Tax => Cents(Amount * 0.16m);

    public decimal Freight => Cents(Amount * 0.025m);

    public decimal TotalCost => Cents(Quantity * StandardCost);

    private static decimal Cents(decimal amount) => Math.Round(amount, 2, MidpointRounding.AwayFromZero);
}

/// <summary>Makes up people, places and sales: the same ones for the same seed and day.</summary>
internal sealed class SalesFaker(int seed, TimeProvider time)
{
    private static readonly (string English, string French, string Spanish)[] Educations =
    [
        ("High School", "Bac", "Bachillerato"), ("Partial College", "Bac + 1", "Estudios universitarios (en curso)"), ("Bachelors", "Bac + 4", "Licenciatura"), ("Graduate Degree", "Bac + 5", "Estudios de postgrado"),
    ];

    private static readonly (string English, string French, string Spanish)[] Occupations =
    [
        ("Manual", "Ouvrier", "Obrero"), ("Clerical", "Employé", "Administrativo"), ("Skilled Manual", "Technicien", "Obrero especializado"), ("Professional", "Cadre", "Profesional"), ("Management", "Direction", "Gestión"),
    ];

    private static readonly Territory[] Places =
    [
        new("Kenya", "East Africa", "Nairobi", "KES"), new("Kenya", "Coast", "Mombasa", "KES"), new("Uganda", "East Africa", "Kampala", "UGX"), new("Tanzania", "East Africa", "Dar es Salaam", "TZS"), new("Nigeria", "West Africa", "Lagos", "NGN"),
        new("Deutschland", "DACH", "München", "EUR"), new("Österreich", "DACH", "Wien", "EUR"), new("España", "Iberia", "Málaga", "EUR"), new("日本", "Kantō", "東京", "JPY"), new("United States", "Pacific", "Seattle", "USD"),
    ];

    private readonly Faker faker = new() { Random = new Randomizer(seed) };
    private int orders;

    public static IReadOnlyList<Territory> Territories => Places;

    public string EmployeeName() => faker.Name.FullName();

    public Customer Customer()
    {
        var female = faker.Random.Bool();
        var gender = female ? Bogus.DataSets.Name.Gender.Female : Bogus.DataSets.Name.Gender.Male;
        var (first, last) = (faker.Name.FirstName(gender), faker.Name.LastName());
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var born = today.AddDays(-faker.Random.Int(18 * 366, 90 * 365)); // some are born before 1970
        var children = faker.Random.Short(0, 5);
        return new Customer(
            faker.Random.Guid(), faker.Random.Guid(), faker.Random.Bool(0.3f) ? faker.Name.Prefix(gender) : null, first, faker.Random.Bool(0.4f) ? faker.Name.FirstName(gender) : null, last,
            faker.Random.Bool(0.05f) ? faker.Name.Suffix() : null, faker.Random.Bool() ? "Western" : "Eastern", female ? 'F' : 'M', faker.Random.Bool() ? 'M' : 'S',
            born, (short)(today.Year - born.Year - (today < born.AddYears(today.Year - born.Year) ? 1 : 0)), faker.Internet.Email(first, last), faker.Phone.PhoneNumber(), faker.Address.StreetAddress(),
            faker.Random.Bool(0.2f) ? faker.Address.SecondaryAddress() : null, faker.PickRandom(Educations), faker.PickRandom(Occupations),
            faker.Random.Bool(0.9f) ? Math.Round(faker.Random.Decimal(12_000m, 250_000m), 2) : null, children, faker.Random.Short(0, children), faker.Random.Bool(), faker.Random.Short(0, 4),
            faker.PickRandom("0-1 Miles", "1-2 Miles", "2-5 Miles", "5-10 Miles", "10+ Miles"), faker.Random.Bool(0.8f) ? new DateOnly(2020, 1, 1).AddDays(faker.Random.Int(0, 700)) : null);
    }

    /// <summary>A sale of now; often one of earlier years that is entered now, so that every year lives.</summary>
    public Sale Sale() => faker.Random.Bool(0.2f) ? SaleAt(time.GetUtcNow().UtcDateTime) : OldSale();

    /// <summary>A sale of some day since 2021.</summary>
    public Sale OldSale() => SaleAt(faker.Date.Between(new DateTime(2021, 1, 1, 0, 0, 0, DateTimeKind.Utc), time.GetUtcNow().UtcDateTime.AddDays(-30)));

    public (int Quantity, decimal UnitPrice) NewPrice() => (faker.Random.Int(1, 24), Price());

    public Random Random { get; } = new(seed);

    private Sale SaleAt(DateTime at)
    {
        var ordered = DateTime.SpecifyKind(new DateTime(at.Ticks - at.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Unspecified);
        var day = DateOnly.FromDateTime(ordered);
        var price = Price();
        return new Sale(
            $"SO{day:yyMMdd}-{++orders % 1_000_000:D6}", ordered, day.AddDays(faker.Random.Int(7, 30)), faker.Random.Bool(0.7f) ? day.AddDays(faker.Random.Int(0, 6)) : null,
            faker.Random.Int(1, 24), price, faker.PickRandom(0m, 0m, 0m, 0.025m, 0.05m, 0.1m, 0.15m), Math.Round(price * 0.6123m, 4));
    }

    private decimal Price() => Math.Round(faker.Random.Decimal(2m, 900m), 2);
}
