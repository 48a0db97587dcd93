using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// Configuration space as root on the host reads and writes it (sysfs <c>config</c>, what <c>lspci</c> does): a
/// function without power is woken first, together with the bridge above (<c>pci_config_pm_runtime_get()</c>).
/// </summary>
public sealed class HostConfiguration : INumbered
{
    private const string Reading = "host reads configuration space";
    private const string Writing = "host writes configuration space";

    private readonly PciDevice _device;

    internal HostConfiguration(PciDevice device) => _device = device;

    int INumbered.Index => _device.RuntimePm.Index;

    private Kernel Kernel => _device.Core.Kernel;

    /// <summary>Reads bytes (<c>pci_read_config()</c>).</summary>
    /// <param name="offset">Where to begin.</param>
    /// <param name="buffer">What to fill.</param>
    /// <returns>How many bytes there were: fewer at the end of the space, 0 beyond it; -ENOENT of a function that was removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is negative.</exception>
    public KernelResult Read(int offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using KernelEntry entry = KernelEntry.Call(Kernel, Reading, _device.Name);
        UserMemory memory = Kernel.RentMemory(buffer.Length);
        KernelResult result = entry.Run(Read(offset, memory));
        memory.Bytes.CopyTo(buffer);
        Kernel.Return(memory);
        return result;
    }

    /// <summary>Writes bytes (<c>pci_write_config()</c>).</summary>
    /// <returns>How many bytes there was room for; -ENOENT of a function that was removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is negative.</exception>
    public KernelResult Write(int offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using KernelEntry entry = KernelEntry.Call(Kernel, Writing, _device.Name);
        UserMemory memory = Kernel.RentMemory(bytes.Length);
        bytes.CopyTo(memory.Span);
        KernelResult result = entry.Run(Write(offset, memory));
        Kernel.Return(memory);
        return result;
    }

    /// <summary>Begins a read: the bytes are in <paramref name="memory"/> when it is over.</summary>
    /// <inheritdoc cref="Read(int, Span{byte})"/>
    public PendingCall BeginRead(int offset, UserMemory memory)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentNullException.ThrowIfNull(memory);
        using KernelEntry entry = KernelEntry.Begin(Kernel, Reading, _device.Name);
        return entry.Start(Read(offset, memory));
    }

    /// <summary>Begins a write of what is in <paramref name="memory"/>.</summary>
    /// <inheritdoc cref="Write(int, ReadOnlySpan{byte})"/>
    public PendingCall BeginWrite(int offset, UserMemory memory)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentNullException.ThrowIfNull(memory);
        using KernelEntry entry = KernelEntry.Begin(Kernel, Writing, _device.Name);
        return entry.Start(Write(offset, memory));
    }

    /// <summary>That of the function in the fork.</summary>
    IForkable IForkable.Fork(ForkContext fork) => fork.Of(_device).HostConfig;

    /// <summary>
    /// Configuration space is about to be accessed: the function stays as it is for the time, and answers
    /// (<c>pci_config_pm_runtime_get()</c>).
    /// </summary>
    internal async KernelCall Hold()
    {
        RuntimePmDevice runtime = _device.RuntimePm;
        if (runtime.Parent is { } parent)
        {
            await PmRuntime.GetSync(parent);
        }

        PmRuntime.GetNoResume(runtime);

        // The state may be about to become D3cold.
        await PmRuntime.Barrier(runtime);

        // In D3hot configuration space answers, so the function may sleep on.
        if (_device.PowerState == PowerState.D3Cold)
        {
            await PmRuntime.Resume(runtime);
        }
    }

    /// <summary>A register that an attribute shows; who asks for it wakes the function as who reads it himself.</summary>
    internal async KernelCall<uint> ReadAwake(int offset, int width)
    {
        Kernel.Because(Reading, _device.Name);
        await Hold();
        uint value = _device.ReadConfig(offset, width);
        await Release();
        return value;
    }

    private async KernelCall<int> Read(int offset, UserMemory memory)
    {
        using LockScope entered = _device.TryEnterFile();
        if (!entered.IsTaken)
        {
            return -Errno.ENOENT;
        }

        int length = CountInside(offset, memory.Length);
        if (length == 0)
        {
            return 0;
        }

        await Hold();
        for (int done = 0, width; done < length; done += width)
        {
            width = WidthAt(offset + done, length - done);
            uint value = await _device.Access.Read(offset + done, width);
            Put(memory.Span[done..], width, value);
            if (width == 4)
            {
                await Kernel.MightSleep();
            }
        }

        await Release();
        return length;
    }

    private async KernelCall<int> Write(int offset, UserMemory memory)
    {
        using LockScope entered = _device.TryEnterFile();
        if (!entered.IsTaken)
        {
            return -Errno.ENOENT;
        }

        int length = CountInside(offset, memory.Length);
        if (length == 0)
        {
            return 0;
        }

        await Hold();
        for (int done = 0, width; done < length; done += width)
        {
            width = WidthAt(offset + done, length - done);
            await _device.Access.Write(offset + done, width, Get(memory.Span[done..], width));
            await Kernel.Preempt(PreemptionPoint.Unlock);
        }

        await Release();
        return length;
    }

    private int CountInside(int offset, int length) =>
        Math.Clamp(_device.Hardware.Configuration.Size - offset, 0, length);

    /// <summary><c>pci_config_pm_runtime_put()</c>.</summary>
    internal async KernelCall Release()
    {
        await PmRuntime.Put(_device.RuntimePm);
        if (_device.RuntimePm.Parent is { } parent)
        {
            await PmRuntime.PutSync(parent);
        }
    }

    /// <summary>The widest naturally aligned access.</summary>
    private static int WidthAt(int offset, int length) =>
        (offset & 1) != 0 || length < 2 ? 1
        : (offset & 3) != 0 || length < 4 ? 2
        : 4;

    private static void Put(Span<byte> target, int width, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        bytes[..width].CopyTo(target);
    }

    private static uint Get(ReadOnlySpan<byte> source, int width)
    {
        Span<byte> bytes = stackalloc byte[4];
        bytes.Clear();
        source[..width].CopyTo(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
