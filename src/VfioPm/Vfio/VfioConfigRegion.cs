using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// The configuration region of an opened device (<c>VFIO_PCI_CONFIG_REGION_INDEX</c>): the guest's view of the
/// registers.
/// </summary>
public sealed class VfioConfigRegion
{
    private readonly VfioDeviceFile _file;

    internal VfioConfigRegion(VfioDeviceFile file) => _file = file;

    /// <summary>The function that the region belongs to.</summary>
    internal PciDevice Device => _file.Device.Pci;

    private int PmcsrOffset => Device.Hardware.Pm?.ControlStatusOffset
        ?? throw new InvalidOperationException($"{Device.Name} has no PM capability.");

    /// <summary>Reads bytes (<c>pread()</c>).</summary>
    /// <returns>How many were read; -EFAULT when some lie outside; -EIO if the device cannot be woken for the call.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such offset.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public KernelResult TryRead(long offset, Span<byte> buffer) =>
        _file.Read(VfioRegion.Configuration, offset, buffer);

    /// <summary>Writes bytes (<c>pwrite()</c>).</summary>
    /// <returns>
    /// How many were taken; what the user may not write is dropped without an error; the errors of <see cref="TryRead"/>.
    /// </returns>
    /// <inheritdoc cref="TryRead" path="/exception"/>
    public KernelResult TryWrite(long offset, ReadOnlySpan<byte> bytes) =>
        _file.Write(VfioRegion.Configuration, offset, bytes);

    /// <summary>Reads a little-endian register of 1, 2 or 4 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register is outside, or of another width.</exception>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public uint Read(int offset, int width)
    {
        CheckRegister(offset, width);
        Span<byte> bytes = stackalloc byte[4];
        bytes.Clear();
        Check(offset, TryRead(offset, bytes[..width]), nameof(TryRead));
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Writes a little-endian register of 1, 2 or 4 bytes.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public void Write(int offset, int width, uint value)
    {
        CheckRegister(offset, width);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Check(offset, TryWrite(offset, bytes[..width]), nameof(TryWrite));
    }

    /// <summary>The power state that the guest reads in PMCSR.</summary>
    /// <exception cref="InvalidOperationException">The function has no PM capability.</exception>
    public PowerState ReadPmcsrState() => (PowerState)(Read(PmcsrOffset, 2) & PmRegisters.StateMask);

    /// <summary>Writes the power state to PMCSR as a guest's driver does: read, change the two bits, write.</summary>
    /// <exception cref="InvalidOperationException">The function has no PM capability.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not a state of PMCSR: D0 to D3hot.</exception>
    public void WritePmcsrState(PowerState state)
    {
        CheckState(state);
        int register = PmcsrOffset;
        uint pmcsr = Read(register, 2);
        Write(register, 2, (pmcsr & ~(uint)PmRegisters.StateMask) | (uint)state);
    }

    /// <summary>
    /// Begins <see cref="WritePmcsrState"/>: two calls, one after the other. The second gives -EBADF where somebody closed the
    /// file meanwhile.
    /// </summary>
    /// <inheritdoc cref="WritePmcsrState"/>
    public PendingCall BeginWritePmcsrState(PowerState state)
    {
        CheckState(state);
        using KernelEntry entry = KernelEntry.Begin(Device.Core.Kernel, Device.Name);
        return entry.Start(ChangePmcsrState(_file, PmcsrOffset, state));
    }

    private static async KernelCall<int> ChangePmcsrState(VfioDeviceFile file, int pmcsr, PowerState state)
    {
        var memory = new UserMemory(2);
        int result = await file.Read(VfioRegion.Configuration, pmcsr, memory);
        if (result < 0)
        {
            return result;
        }

        memory.Value = (memory.Value & ~(ulong)PmRegisters.StateMask) | (ulong)state;
        return file.IsClosed ? -Errno.EBADF : await file.Write(VfioRegion.Configuration, pmcsr, memory);
    }

    private static void CheckState(PowerState state)
    {
        if (state is < PowerState.D0 or > PowerState.D3Hot)
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "PMCSR holds D0 to D3hot.");
        }
    }

    /// <summary>What the kernel would refuse, which takes time and may wake the device, before it is asked.</summary>
    private void CheckRegister(int offset, int width)
    {
        if (width is not (1 or 2 or 4))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "A register is 1, 2 or 4 bytes wide.");
        }

        if (offset < 0 || offset > Device.Hardware.Configuration.Size - width)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{Device.Name} has no such register: the kernel returns -EFAULT.");
        }
    }

    private void Check(int offset, KernelResult result, string gives)
    {
        if (result.IsError)
        {
            throw new InvalidOperationException(
                $"The register at 0x{offset:x2} of {Device.Name} cannot be reached: the kernel returns {result}, as {gives}() does.");
        }
    }
}
