namespace Cdc;

/// <summary>
/// Decodes the cells of one source's messages: what <see cref="Cell"/>'s getters promise, this does.
/// A reader brings its own; it has no state of its own and serves every event, detached ones too.
/// </summary>
/// <remarks>Every method throws <see cref="Cell.Malformed"/> or <see cref="Cell.Refuse"/> and never gives a value that is not exact.</remarks>
public abstract class CellDecoder
{
    /// <summary>Decodes <see cref="Cell.GetBoolean"/>.</summary>
    public abstract bool GetBoolean(in Cell cell);

    /// <summary>Decodes <see cref="Cell.GetInt64"/>.</summary>
    public abstract long GetInt64(in Cell cell);

    /// <summary>Decodes <see cref="Cell.GetUInt64"/>.</summary>
    public abstract ulong GetUInt64(in Cell cell);

    /// <summary>Decodes <see cref="Cell.GetSingle"/>.</summary>
    public abstract float GetSingle(in Cell cell);

    /// <summary>Decodes <see cref="Cell.GetDouble"/>.</summary>
    public abstract double GetDouble(in Cell cell);

    /// <summary>Decodes <see cref="Cell.GetDecimal"/>.</summary>
    public abstract void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination);

    /// <summary>Decodes <see cref="Cell.GetUuid"/>.</summary>
    public abstract UInt128 GetUuid(in Cell cell);

    /// <summary>Decodes <see cref="Cell.GetDate"/>.</summary>
    public abstract long GetDate(in Cell cell);

    /// <summary>Decodes <see cref="Cell.GetTime"/>.</summary>
    public abstract long GetTime(in Cell cell, int digits);

    /// <summary>Decodes <see cref="Cell.GetTimestamp"/>.</summary>
    public abstract long GetTimestamp(in Cell cell, int digits);

    /// <summary>Decodes <see cref="Cell.GetPoint"/>.</summary>
    public abstract (double X, double Y) GetPoint(in Cell cell);

    /// <summary>Decodes <see cref="Cell.TryGetUtf8"/>.</summary>
    public abstract bool TryGetUtf8(scoped in Cell cell, out ReadOnlySpan<byte> utf8);

    /// <summary>Bounds <see cref="CopyUtf8"/>.</summary>
    public abstract int GetMaxUtf8Length(in Cell cell);

    /// <summary>Decodes <see cref="Cell.CopyUtf8"/>.</summary>
    public abstract int CopyUtf8(in Cell cell, Span<byte> destination);

    /// <summary>Bounds <see cref="CopyBytes"/>.</summary>
    public abstract int GetMaxByteLength(in Cell cell);

    /// <summary>Decodes <see cref="Cell.CopyBytes"/>.</summary>
    public abstract int CopyBytes(in Cell cell, Span<byte> destination);

    /// <summary>Decodes <see cref="Cell.TryGetNextElement"/>.</summary>
    public abstract bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element);
}
