namespace VfioPm;

/// <summary>What a user's configuration accesses do to the rest of a device.</summary>
internal sealed class ConfigurationEffects(VfioSession session) : IConfigurationHooks
{
    public int Index => session.Index;

    public bool IsMsiEnabled => session.Interrupts.Type == VfioIrqIndex.Msi;

    public int MsiQueueSize => session.Device.MsiQueueSize;

    public KernelCall<LockScope> LockMemory(bool takeAway) => session.Device.LockMemory(takeAway);

    public void RestoreDmaBufs() => session.Device.RestoreDmaBufs();

    public bool IsIntxDisabled => session.Device.Flags[VfioFlag.IntxDisabled];

    public KernelCall SetIntxDisabled(bool value) => session.Device.Flags.Set(VfioFlag.IntxDisabled, value);

    public void TellPowerStateAsked(PowerState state) => session.Device.TellPowerStateAsked(state);

    public KernelCall MaskIntx() => session.Interrupts.MaskIntx();

    public KernelCall UnmaskIntx() => session.Interrupts.UnmaskIntx();

    public KernelCall TryResetFunction() => PciReset.TryResetFunction(session.Pci);

    public async KernelCall SetPowerState(PowerState state)
    {
        string what = state == PowerState.D0 ? GuestCauses.AsksForD0 : GuestCauses.AsksForLowPower;
        Cause? before = session.Pci.Core.Kernel.Because(what, session.Pci.Name);
        await session.Device.Power.SetState(state);
        session.Pci.Core.Clock.Cause = before;
    }

    public KernelCall<VpdBytes> ReadVpd(int address) => session.Pci.Vpd is { } vpd
        ? vpd.Read(address)
        : new VpdBytes(-Errno.ENODEV, 0);

    public KernelCall<int> WriteVpd(int address, uint data) => session.Pci.Vpd is { } vpd
        ? vpd.Write(address, data)
        : -Errno.ENODEV;

    public IForkable Fork(ForkContext fork) => new ConfigurationEffects(fork.Of(session));
}
