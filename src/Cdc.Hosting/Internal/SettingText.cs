using System.Globalization;

namespace Cdc.Hosting.Internal;

/// <summary>The text forms of single settings.</summary>
internal static class SettingText
{
    public static bool IsScalar(Type type) =>
        type.IsEnum || type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long) || type == typeof(byte) || type == typeof(TimeSpan) || type == typeof(Uri);

    public static bool TryParse(string text, Type type, out object? value)
    {
        value = null;
        if (type == typeof(string)) value = text;
        else if (type == typeof(bool) && bool.TryParse(text, out var yes)) value = yes;
        else if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) value = number;
        else if (type == typeof(long) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large)) value = large;
        else if (type == typeof(byte) && byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var small)) value = small;

        // A bare number would be days.
        else if (type == typeof(TimeSpan) && text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time)) value = time;
        else if (type == typeof(Uri) && Uri.TryCreate(text, UriKind.Absolute, out var address)) value = address;
        else if (type.IsEnum && Enum.TryParse(type, text.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var name) && !char.IsAsciiDigit(text[0])) value = name;
        return value is not null;
    }

    /// <summary>What a text should have been: goes on after "is".</summary>
    public static string Expectation(Type type) =>
        type == typeof(bool) ? "neither true nor false"
        : type == typeof(TimeSpan) ? "no time such as 00:00:05"
        : type == typeof(Uri) ? "no absolute address such as https://host:8443"
        : type.IsEnum ? $"none of {string.Join(", ", Enum.GetNames(type))}"
        : "no whole number, or too large";
}
