using System.Buffers.Binary;

namespace VfioPm;

/// <summary>What a user's configuration accesses do to the rest of a device.</summary>
internal sealed class ConfigurationEffects(VfioPciDevice device) : IConfigurationHooks
{
    public bool IsMsiEnabled => device.Interrupts.Type == VfioIrqIndex.Msi;

    public int MsiQueueSize => device.Interrupts.MsiQueueSize;

    public void LockMemory(bool zapMappings) => device.LockMemory(zapMappings);

    public void UnlockMemory() => device.UnlockMemory();

    public void MaskIntx() => device.Interrupts.Intx.Mask();

    public void UnmaskIntx() => device.Interrupts.Intx.Unmask();

    public void TryResetFunction() => device.Pci.ResetMethods.TryResetFunction();

    public void SetPowerState(PowerState state)
    {
        string what = state == PowerState.D0 ? GuestCauses.AsksForD0 : GuestCauses.AsksForLowPower;
        using (device.Pci.Core.Clock.Because(what, device.Pci.Name))
        {
            device.SetPowerState(state);
        }
    }

    public KernelResult ReadVpd(int address, out uint data)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        KernelResult result = device.Pci.Vpd.Read(address, bytes);
        data = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return result;
    }

    public KernelResult WriteVpd(int address, uint data)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, data);
        return device.Pci.Vpd.Write(address, bytes);
    }

    public IForkable Fork(ForkContext fork) => new ConfigurationEffects(fork.Of(device));
}
