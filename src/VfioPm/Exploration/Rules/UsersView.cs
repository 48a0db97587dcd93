namespace VfioPm;

/// <summary>The power states that users would read of their devices at some moment, if reading woke nobody.</summary>
internal sealed class UsersView
{
    private readonly PowerState?[] _states;

    private UsersView(PowerState?[] states) => _states = states;

    /// <summary>
    /// What they would read now, or null while a thread is in the middle of something: who knows what that changes. One that
    /// only waits for a device to be closed is not.
    /// </summary>
    public static UsersView? Of(SimulatedHost host)
    {
        foreach (KernelThread thread in host.Kernel.Threads)
        {
            if (thread.WaitsOn is not VfioPciDevice)
            {
                return null;
            }
        }

        return new UsersView([.. host.VfioPci.Devices.Select(Read)]);
    }

    /// <summary>How it is otherwise now, or null.</summary>
    public string? FindChange(SimulatedHost host)
    {
        IReadOnlyList<VfioPciDevice> devices = host.VfioPci.Devices;
        for (int index = 0; index < devices.Count && index < _states.Length; index++)
        {
            if (_states[index] is { } before && Read(devices[index]) is { } now && now != before)
            {
                return $"{devices[index].Pci.Name} went from {before} to {now}";
            }
        }

        return null;
    }

    public void AddTo(ref StateHash hash)
    {
        foreach (PowerState? state in _states)
        {
            hash.Add((int?)state ?? -1);
        }
    }

    /// <summary>Of one that sleeps nobody reads anything: that would wake it.</summary>
    private static PowerState? Read(VfioPciDevice device) =>
        device.Pci.RuntimeStatus == RuntimeStatus.Active && device.Pci.Hardware.Answers ? device.PowerStateShown : null;
}
