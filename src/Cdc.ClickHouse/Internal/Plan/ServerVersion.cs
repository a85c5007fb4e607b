using System.Globalization;

namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>The server's version, as far as types depend on it.</summary>
internal readonly record struct ServerVersion(int Year, int Month)
{
    /// <summary>What a plan without a server assumes.</summary>
    public static ServerVersion Newest { get; } = new(99, 12);

    public bool HasTime64 => CompareTo(25, 6) >= 0;

    /// <summary>Whether Time64 must be asked for.</summary>
    public bool Time64NeedsSetting => HasTime64 && CompareTo(25, 12) < 0;

    public static ServerVersion Parse(string version)
    {
        var parts = version.Split('.');
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var year)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var month)
            ? new ServerVersion(year, month)
            : Newest;
    }

    private int CompareTo(int year, int month) => (Year * 100) + Month - ((year * 100) + month);
}
