namespace VfioPm;

/// <summary>
/// What is behind a function's BARs: the device itself. <see cref="PciFunction"/> calls it only for cycles that
/// the function decodes. A test that needs a device with a mind of its own implements this.
/// </summary>
public interface IDeviceRegisters : IForkable
{
    /// <summary>The function that these registers are behind from now on: what the device signals with.</summary>
    void Connect(PciFunction owner)
    {
    }

    /// <summary>Reads 1, 2, 4 or 8 bytes.</summary>
    ulong Read(int bar, long offset, int width);

    /// <summary>Writes 1, 2, 4 or 8 bytes.</summary>
    void Write(int bar, long offset, int width, ulong value);

    /// <summary>The function was reset, or lost its power.</summary>
    void Reset(ResetKind kind);

    /// <summary>
    /// Whether the device wants an interrupt, asked after every access; null where it leaves that to
    /// <see cref="PciFunction.AssertInterrupt"/>.
    /// </summary>
    bool? WantsInterrupt => null;

    /// <summary>Adds all that a later read can show.</summary>
    void AddTo(ref StateHash hash);
}
