namespace VfioPm;

/// <summary>What users would see of their devices at some moment, if looking woke nobody.</summary>
internal sealed class UsersView
{
    private readonly (string Device, DeviceView? View)[] _devices;

    private UsersView(IEnumerable<(string Device, DeviceView? View)> devices) => _devices = [.. devices];

    /// <summary>
    /// What they would see now, but of no device while a thread is in the middle of something that may change it. One that only waits
    /// for a device to be closed is not.
    /// </summary>
    public static UsersView Of(SimulatedHost host)
    {
        KernelThread[] busy = [.. host.Kernel.Threads.Where(static thread => thread.WaitsOn is not VfioPciDevice)];
        return new UsersView(host.VfioPci.Devices.Select(device => (device.Pci.Name, DeviceView.Of(device))))
            .Except(device => Array.Exists(busy, thread => host.Clock.Parts.MayMatter(thread.HostDevice, device)));
    }

    /// <summary>The same without some devices.</summary>
    public UsersView Except(Func<string, bool> isLeftOut) =>
        new(_devices.Select(seen => isLeftOut(seen.Device) ? seen with { View = null } : seen));

    /// <summary>How it is otherwise now, or null.</summary>
    public string? FindChange(SimulatedHost host)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            if (Array.Find(_devices, seen => seen.Device == device.Pci.Name).View is { } before
                && DeviceView.Of(device) is { } now
                && before.FindChange(now) is { } change)
            {
                return $"{device.Pci.Name} {change}";
            }
        }

        return null;
    }

    public void AddTo(ref StateHash hash)
    {
        foreach ((_, DeviceView? device) in _devices)
        {
            hash.Add(device is not null);
            device?.AddTo(ref hash);
        }
    }

    /// <summary>What one user sees of an open device.</summary>
    /// <param name="State">The state in PMCSR, where there is one.</param>
    /// <param name="HasMemory">Whether he may access memory.</param>
    /// <param name="Interrupts">Which kind of interrupt he has.</param>
    /// <param name="IsIntxMasked">Whether he masked INTx.</param>
    /// <param name="PermitsLowPower">Whether he permits low power.</param>
    private readonly record struct DeviceView(
        PowerState? State, bool HasMemory, VfioIrqIndex? Interrupts, bool IsIntxMasked, bool PermitsLowPower)
    {
        /// <summary>Of one that sleeps nobody sees anything: that would wake it.</summary>
        public static DeviceView? Of(VfioPciDevice device) =>
            device.Session is { } session
            && device.Pci is { RuntimeStatus: RuntimeStatus.Active, AnswersKernel: true }
                ? new DeviceView(
                    device.PowerStateShown,
                    session.IsMemoryEnabled,
                    device.InterruptType,
                    session.Interrupts.Intx is { IsEnabled: true, IsMasked: true },
                    device.Power.IsLowPowerPermitted)
                : null;

        /// <summary>What is otherwise in another, or null.</summary>
        public string? FindChange(DeviceView now) =>
            State != now.State ? $"went from {State} to {now.State}"
            : HasMemory != now.HasMemory ? $"{(HasMemory ? "lost" : "got")} its memory"
            : Interrupts != now.Interrupts ? $"went from {NameOf(Interrupts)} to {NameOf(now.Interrupts)}"
            : IsIntxMasked != now.IsIntxMasked ? $"has INTx {(IsIntxMasked ? "unmasked" : "masked")}"
            : PermitsLowPower != now.PermitsLowPower ? $"{(PermitsLowPower ? "no longer sleeps" : "may sleep")}"
            : null;

        public void AddTo(ref StateHash hash)
        {
            hash.Add((int?)State ?? -1);
            hash.Add(HasMemory);
            hash.Add((int?)Interrupts ?? -1);
            hash.Add(IsIntxMasked);
            hash.Add(PermitsLowPower);
        }

        private static string NameOf(VfioIrqIndex? interrupts) => interrupts?.ToString() ?? "no interrupt";
    }
}
