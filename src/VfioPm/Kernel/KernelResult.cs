using System.Diagnostics.CodeAnalysis;

namespace VfioPm;

/// <summary>
/// What a function of the kernel returned: zero or a positive number (a byte count, 1 for "was so already"),
/// or the negative of an <see cref="VfioPm.Errno"/>. Modelled failures are values; exceptions are for misuse of the
/// library.
/// </summary>
/// <param name="Value">The <c>int</c> as the kernel returned it.</param>
[SuppressMessage("Usage", "CA2225", Justification = "Value and the constructor are the named alternates.")]
public readonly record struct KernelResult(int Value)
{
    /// <summary>The call that returned it, for who wants an explanation; no part of what it is.</summary>
    internal ReturnedCall? Call { get; init; }

    /// <summary>0.</summary>
    public static KernelResult Success => new(0);

    /// <summary>Whether the value is negative.</summary>
    public bool IsError => Value < 0;

    /// <summary>The error, or null where there is none.</summary>
    public Errno? Errno => IsError ? (Errno)(-Value) : null;

    /// <summary>The error as the kernel returns it.</summary>
    public static implicit operator KernelResult(Errno error) => new(-error);

    /// <summary>A count, or a code that is an <c>int</c> already.</summary>
    public static implicit operator KernelResult(int value) => new(value);

    /// <summary>Whether both are the same number, whoever returned it.</summary>
    public bool Equals(KernelResult other) => Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value;

    /// <summary>"0", "1", "-EACCES".</summary>
    public override string ToString() =>
        IsError ? $"-{(Errno)(-Value)}" : Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
