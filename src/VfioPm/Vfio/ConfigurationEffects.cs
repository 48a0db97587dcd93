namespace VfioPm;

/// <summary>What a user's configuration accesses do to the rest of a device.</summary>
internal sealed class ConfigurationEffects(VfioPciDevice device) : IConfigurationHooks
{
    public int Index => device.Index;

    public bool IsMsiEnabled => device.Interrupts.Type == VfioIrqIndex.Msi;

    public int MsiQueueSize => device.Interrupts.MsiQueueSize;

    public KernelCall LockMemory(bool zapMappings) => device.LockMemory(zapMappings);

    public void UnlockMemory() => device.Memory.UpWrite();

    public void MaskIntx() => device.Interrupts.Intx.Mask();

    public void UnmaskIntx() => device.Interrupts.Intx.Unmask();

    public async KernelCall TryResetFunction() => await PciReset.TryResetFunction(device.Pci);

    public async KernelCall SetPowerState(PowerState state)
    {
        string what = state == PowerState.D0 ? GuestCauses.AsksForD0 : GuestCauses.AsksForLowPower;
        Cause? before = device.Pci.Core.Kernel.Because(what, device.Pci.Name);
        await device.SetPowerState(state);
        device.Pci.Core.Clock.Cause = before;
    }

    public KernelCall<VpdBytes> ReadVpd(int address) => device.Pci.Vpd.Read(address);

    public KernelCall<KernelResult> WriteVpd(int address, uint data) => device.Pci.Vpd.Write(address, data);

    public IForkable Fork(ForkContext fork) => new ConfigurationEffects(fork.Of(device));
}
