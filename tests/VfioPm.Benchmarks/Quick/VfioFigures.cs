namespace VfioPm.Benchmarks;

/// <summary>What a user of vfio-pci does most.</summary>
internal static class VfioFigures
{
    /// <summary>Enough for the delay after which function and port go to D3cold.</summary>
    private static readonly TimeSpan Sleep = TimeSpan.FromSeconds(1.5);

    public static IEnumerable<Figure> All()
    {
        var rfc = new Machine(KernelProfile.RfcV1);
        VfioDeviceFile device = rfc.Device;
        yield return Figure.PerOperation("config_read_virtual", () => device.Config.Read(PciRegisters.Command, 2));
        yield return Figure.PerOperation("config_read_hardware", () => device.Config.Read(PciRegisters.Status, 2));
        yield return Figure.PerOperation("config_write", () => device.Config.Write(PciRegisters.Command, 2, 0x0103));
        yield return Figure.PerOperation("cycle_d3cold", () => CycleD3Cold(rfc));
        yield return Figure.PerOperation("cycle_d3cold_traced", () =>
        {
            rfc.Host.Trace.IsEnabled = true;
            CycleD3Cold(rfc);
            rfc.Host.Trace.Clear();
            rfc.Host.Trace.IsEnabled = false;
        });

        var linux = new Machine(KernelProfile.Linux6_1);
        yield return Figure.PerOperation("low_power_cycle", () =>
        {
            _ = linux.Device.EnterLowPower();
            linux.Host.Clock.Advance(Sleep);
            _ = linux.Device.ExitLowPower();
        });
    }

    private static void CycleD3Cold(Machine machine)
    {
        machine.Device.Config.WritePmcsrState(PowerState.D3Hot);
        machine.Host.Clock.Advance(Sleep);
        machine.Device.Config.WritePmcsrState(PowerState.D0);
    }
}
