namespace VfioPm.Tests;

/// <summary>A network adapter below a port that can cut its power, bound to vfio-pci and open.</summary>
internal sealed class OpenNic : IDisposable
{
    public OpenNic(KernelProfile profile, VfioModuleParameters? module = null, bool canCutPower = true)
    {
        Host = new SimulatedHost(profile, module);
        Port = Host.AddRootPort("0000:00:03.0", port => _ = canCutPower ? port.WithPowerResource() : port);
        Nic = Port.AddEndpoint("0000:01:00.0");
        File = Host.VfioPci.Bind(Nic).Open();

        // What a guest's driver does first.
        File.Config.Write(PciRegisters.Command, 2, DecodingAndMaster);
    }

    public static TimeSpan AutosuspendDelay => TimeSpan.FromSeconds(1.5);

    public SimulatedHost Host { get; }

    public PciDevice Port { get; }

    public PciDevice Nic { get; }

    public VfioDeviceFile File { get; }

    public uint Command => Nic.Hardware.Configuration.Read(PciRegisters.Command, 2);

    public bool IsIntxMasked => (Command & PciRegisters.CommandInterruptDisable) != 0;

    private static uint DecodingAndMaster =>
        PciRegisters.CommandIo | PciRegisters.CommandMemory | PciRegisters.CommandMaster;

    /// <summary>The user asks for D3hot, and under the RFC the function gets it after the delay.</summary>
    public void Sleep()
    {
        File.Config.WritePmcsrState(PowerState.D3Hot);
        Host.Clock.Advance(AutosuspendDelay);
    }

    public uint Register(int capability, int offset, int width) => Nic.Hardware.Configuration.Read(
        Nic.Hardware.Capabilities.Find(capability)!.Value.Offset + offset, width);

    public void Dispose() => Host.Dispose();
}
