
namespace VfioPm.Tests;

/// <summary>A network adapter below a port whose power can be cut, opened by a user who enabled memory and ports.</summary>
internal sealed class OpenedDevice
{
    public const int MemoryBar = 0;
    public const int IoBar = 2;
    public const int Page = 0x1000;

    /// <summary>A register of the adapter that keeps 16 bits.</summary>
    public const int VlanType = 0x38;

    public OpenedDevice(KernelProfile? profile = null, Action<FunctionSetup>? setup = null)
    {
        Host = new SimulatedHost(profile);
        Function = Host.AddRootPort("0000:00:03.0", port => port.WithPowerResource())
            .AddEndpoint("0000:01:00.0", setup: setup ?? (adapter => adapter.WithRegisters(new E1000ERegisters())));
        File = Host.VfioPci.Bind(Function).Open();
        SetCommand(PciRegisters.CommandMemory | PciRegisters.CommandIo);
    }

    public SimulatedHost Host { get; }

    public PciDevice Function { get; }

    public VfioDeviceFile File { get; }

    public void SetCommand(int command) => File.Config.Write(PciRegisters.Command, 2, (uint)command);

    public void Sleep()
    {
        File.Config.WritePmcsrState(PowerState.D3Hot);
        Host.Clock.Advance(TimeSpan.FromSeconds(2));
    }
}
