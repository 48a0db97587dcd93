namespace VfioPm.AnyCalls;

/// <summary>A driver of a test's own: its number says how it is, and the world what its functions do.</summary>
internal sealed class BusyDriver(int number) : PciDriver
{
    public override string Name => number % 7 == 0 ? "vfio-pci" : $"busy{number % 3}";

    protected internal override bool HasRuntimeSuspend => (number & 1) != 0;

    protected internal override bool HasRuntimeResume => (number & 2) != 0;

    protected internal override bool HasPmOps => (number & 4) == 0;

    protected internal override bool HasRemove => (number & 8) == 0;

    protected internal override bool CapturesVirtualFunctions => (number & 16) != 0;

    public override void AddTo(ref StateHash hash) => hash.Add(number);

    protected internal override bool Matches(PciDevice device) => (number & 32) != 0;

    protected internal override KernelCall<int> Probe(PciDevice device) => Act(device);

    protected internal override KernelCall<int> RuntimeIdle(PciDevice device) => Act(device);

    protected internal override KernelCall<int> RuntimeSuspend(PciDevice device) => Act(device);

    protected internal override KernelCall<int> RuntimeResume(PciDevice device) => Act(device);

    protected internal override async KernelCall<int> ConfigureSriov(PciDevice device, int count)
    {
        if (count == 0)
        {
            await device.Sriov!.Disable();
            return 0;
        }

        return await device.Sriov!.Enable(count);
    }

    protected internal override async KernelCall Remove(PciDevice device) => await Act(device);

    protected internal override async KernelCall Shutdown(PciDevice device) => await Act(device);

    protected internal override async KernelCall ResetPrepare(PciDevice device) => await Act(device);

    protected internal override async KernelCall ResetDone(PciDevice device) => await Act(device);

    private static async KernelCall<int> Act(PciDevice device)
    {
        switch (World.Current!.Answer(16))
        {
            case 0:
                await device.RuntimePm.Core.Kernel.Sleep(TimeSpan.FromMilliseconds(World.Current!.Answer(50)));
                return 0;
            case 1:
                return await PciPm.Enable(device);
            case 2:
                await PciPm.SaveState(device);
                return await PciPm.SetPowerState(device, (PowerState)World.Current!.Answer(6));
            case 3:
                return await PmRuntime.GetSync(device.RuntimePm);
            case 4:
                return await PmRuntime.Put(device.RuntimePm);
            case 5:
                PmRuntime.PutNoIdle(device.RuntimePm);
                return 0;
            case 6:
                await PciPm.SetMaster(device);
                return await PciPm.EnableWake(device, PowerState.D3Hot, true);
            case 7:
                World.Current!.DoNested(device);
                return 0;
            case 8:
                return -Errno.EBUSY;
            case 9:
                return await PciPm.PrepareToSleep(device);
            case 10:
                await PciPm.RestoreState(device);
                return World.Current!.Answer(3) - 1;
            case 11:
                device.DriverData = new BusyData(World.Current!.Answer(3));
                return 0;
            case 12:
                return await PciReset.TryResetFunction(device);
            default:
                return 0;
        }
    }
}

/// <summary>What it remembers of a function.</summary>
internal sealed class BusyData(int number) : DriverData
{
    public override void AddTo(ref StateHash hash) => hash.Add(number);

    public override DriverData Copy() => new BusyData(number);
}
