namespace VfioPm.Tests;

/// <summary>A driver whose functions a test gives; without, it does what a driver with runtime PM does.</summary>
internal sealed class ScriptedDriver(string name = "nic") : PciDriver
{
    public override string Name => name;

    public Func<PciDevice, bool> Ids { get; init; } = static _ => false;

    public Func<PciDevice, KernelCall<int>> OnProbe { get; init; } = EnableAndAllow;

    public Func<PciDevice, KernelCall> OnRemove { get; init; } = static async device =>
    {
        PmRuntime.GetNoResume(device.RuntimePm);
        await PmRuntime.Forbid(device.RuntimePm);
        await PciPm.Disable(device);
    };

    public Func<PciDevice, KernelCall<int>>? OnSuspend { get; init; }

    public Func<PciDevice, KernelCall<int>>? OnResume { get; init; }

    public Func<PciDevice, KernelCall<int>> OnIdle { get; init; } = static _ => 0;

    public Func<PciDevice, KernelCall> OnShutdown { get; init; } = static _ => KernelCall.Returned;

    public Func<PciDevice, int, KernelCall<int>> OnConfigureSriov { get; init; } =
        static (device, count) => device.Sriov!.ConfigureSimple(count);

    /// <summary>Its callbacks of system sleep; without, it has none.</summary>
    public Func<PciDevice, SleepPhase, KernelCall<int>>? OnSystemSleep { get; init; }

    public DriverSleepFlags Flags { get; init; }

    public bool WithoutPm { get; init; }

    public bool WithoutRemove { get; init; }

    protected internal override bool HasPmOps => !WithoutPm;

    protected internal override bool HasRemove => !WithoutRemove;

    protected internal override bool HasRuntimeSuspend => OnSuspend is not null;

    protected internal override bool HasRuntimeResume => OnResume is not null;

    protected internal override DriverSleepFlags SleepFlags => Flags;

    public static async KernelCall<int> EnableAndAllow(PciDevice device)
    {
        int enabled = await PciPm.Enable(device);
        if (enabled < 0)
        {
            return enabled;
        }

        await PciPm.SetMaster(device);
        PmRuntime.PutNoIdle(device.RuntimePm);
        await PmRuntime.Allow(device.RuntimePm);
        return 0;
    }

    /// <summary>Somebody calls a function of the driver.</summary>
    public static KernelResult Do(PciDevice device, Func<PciDevice, KernelCall<int>> function) =>
        Call(device, "a user calls", function);

    protected internal override bool Matches(PciDevice device) => Ids(device);

    protected internal override KernelCall<int> Probe(PciDevice device) => OnProbe(device);

    protected internal override KernelCall Remove(PciDevice device) => OnRemove(device);

    protected internal override KernelCall Shutdown(PciDevice device) => OnShutdown(device);

    protected internal override KernelCall<int> RuntimeIdle(PciDevice device) => OnIdle(device);

    protected internal override KernelCall<int> RuntimeSuspend(PciDevice device) => OnSuspend!(device);

    protected internal override KernelCall<int> RuntimeResume(PciDevice device) => OnResume!(device);

    protected internal override bool HasSystemSleep(SleepPhase phase) => OnSystemSleep is not null;

    protected internal override KernelCall<int> SystemSleep(PciDevice device, SleepPhase phase) => OnSystemSleep!(device, phase);

    protected internal override KernelCall<int> ConfigureSriov(PciDevice device, int count) => OnConfigureSriov(device, count);
}
