using System.Globalization;
using System.Numerics;

namespace Cdc.TestSupport.Values;

/// <summary>A decimal number without limit of digits, for comparing decimals of any scale.</summary>
/// <param name="Unscaled">All digits as an integer.</param>
/// <param name="Scale">How many of them stand after the point.</param>
public readonly record struct ExactDecimal(BigInteger Unscaled, int Scale)
{
    /// <summary>Reads plain or exponent notation.</summary>
    public static ExactDecimal Parse(string text)
    {
        var exponent = 0;
        var e = text.IndexOfAny(['e', 'E']);
        if (e >= 0)
        {
            exponent = int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }

        var point = text.IndexOf('.');
        var scale = point < 0 ? 0 : text.Length - point - 1;
        var unscaled = BigInteger.Parse(text.Replace(".", ""), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return new ExactDecimal(unscaled, scale - exponent);
    }

    /// <summary>Plain notation without needless zeros.</summary>
    public override string ToString()
    {
        var (unscaled, scale) = (Unscaled, Scale);
        if (unscaled.IsZero) return "0";
        while (scale > 0 && unscaled % 10 == 0) (unscaled, scale) = (unscaled / 10, scale - 1);
        if (scale < 0) (unscaled, scale) = (unscaled * BigInteger.Pow(10, -scale), 0);
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var sign = unscaled.Sign < 0 ? "-" : "";
        return scale == 0 ? sign + digits : $"{sign}{digits[..^scale]}.{digits[^scale..]}";
    }
}
