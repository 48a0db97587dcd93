namespace VfioPm;

/// <summary>
/// The widest reset that leaves a register's writable bits alone; in the order of <see cref="ResetKind"/>, with
/// "none" in front.
/// </summary>
internal enum ResetSurvival
{
    /// <summary>Back to the initial value on every reset.</summary>
    None,

    /// <summary>Survives the soft reset on leaving D3hot: PME context (PCI PM 1.2, section 5.4.1).</summary>
    Soft,

    /// <summary>
    /// Survives FLR too: fields of the link that all functions of the device share (PCI Express Base, 6.6.2).
    /// </summary>
    FunctionLevel,

    /// <summary>Survives a bus reset too: "sticky" (PCI Express Base, section 7.4).</summary>
    Bus,

    /// <summary>Survives the loss of power too, on the auxiliary supply.</summary>
    PowerLoss,
}

/// <summary>
/// What software may do to one register: a row of a table of registers. Bits that no row names are read-only.
/// </summary>
/// <param name="Offset">Where it is, from the beginning of the header or of its capability.</param>
/// <param name="Width">Its bytes: 1, 2 or 4.</param>
/// <param name="Writable">The bits that keep what is written.</param>
/// <param name="WriteOneToClear">The bits that hardware sets and software clears by writing ones.</param>
/// <param name="Initial">
/// What the writable bits hold after a reset, or null where each device has its own: then what the image
/// holds. Write-one-to-clear bits hold zero.
/// </param>
/// <param name="Survival">The resets that leave it alone.</param>
internal readonly record struct RegisterRule(
    int Offset,
    int Width,
    uint Writable,
    uint WriteOneToClear = 0,
    uint? Initial = 0,
    ResetSurvival Survival = ResetSurvival.None);
