using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// Configuration space as root on the host reads and writes it (sysfs <c>config</c>, what <c>lspci</c> does): a
/// function without power is woken first, together with the bridge above (<c>pci_config_pm_runtime_get()</c>).
/// </summary>
public sealed class HostConfiguration
{
    private readonly PciDevice _device;

    internal HostConfiguration(PciDevice device) => _device = device;

    /// <summary>Reads bytes (<c>pci_read_config()</c>).</summary>
    /// <param name="offset">Where to begin.</param>
    /// <param name="buffer">What to fill.</param>
    /// <returns>How many bytes there were: fewer at the end of the space, 0 beyond it.</returns>
    public KernelResult Read(int offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using (new EntryScope(_device.Core.Clock, "host reads configuration space", _device.Name))
        {
            Span<byte> inside = buffer[..CountInside(offset, buffer.Length)];
            if (inside.IsEmpty)
            {
                return 0;
            }

            Hold();
            for (int done = 0, width; done < inside.Length; done += width)
            {
                width = WidthAt(offset + done, inside.Length - done);
                Put(inside[done..], width, _device.ReadConfig(offset + done, width));
                if (width == 4)
                {
                    _device.Core.GiveWay();
                }
            }

            Release();
            return inside.Length;
        }
    }

    /// <summary>Writes bytes (<c>pci_write_config()</c>).</summary>
    /// <returns>How many bytes there was room for.</returns>
    public KernelResult Write(int offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using (new EntryScope(_device.Core.Clock, "host writes configuration space", _device.Name))
        {
            ReadOnlySpan<byte> inside = bytes[..CountInside(offset, bytes.Length)];
            if (inside.IsEmpty)
            {
                return 0;
            }

            Hold();
            for (int done = 0, width; done < inside.Length; done += width)
            {
                width = WidthAt(offset + done, inside.Length - done);
                _device.WriteConfig(offset + done, width, Get(inside[done..], width));
            }

            Release();
            return inside.Length;
        }
    }

    private int CountInside(int offset, int length) =>
        Math.Clamp(_device.Hardware.Configuration.Size - offset, 0, length);

    private void Hold()
    {
        RuntimePmDevice runtime = _device.RuntimePm;
        runtime.Parent?.GetSync();
        runtime.GetNoResume();

        // The state may be about to become D3cold.
        runtime.Barrier();

        // In D3hot configuration space answers, so the function may sleep on.
        if (_device.PowerState == PowerState.D3Cold)
        {
            runtime.Resume();
        }
    }

    private void Release()
    {
        _device.RuntimePm.Put();
        _device.RuntimePm.Parent?.PutSync();
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
        source[..width].CopyTo(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
