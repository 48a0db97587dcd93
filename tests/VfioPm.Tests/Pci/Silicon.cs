namespace VfioPm.Tests.Pci;

/// <summary>A port with an endpoint below it, and no kernel: what these tests poke at.</summary>
internal sealed class Silicon
{
    /// <summary>PMC: version 3, D1 and D2, PME# from every state, 375 mA.</summary>
    public const ushort EverythingPmc = 0xffc3;

    public Silicon(DeviceImage? endpoint = null, HardwareBehavior? behavior = null, DeviceImage? port = null)
    {
        Port = new PciFunction(Clock, port ?? DeviceImages.RootPort, behavior: behavior, index: 0);
        Endpoint = new PciFunction(Clock, endpoint ?? DeviceImages.E1000E, Port, behavior, index: 1);
    }

    public VirtualClock Clock { get; } = new();

    public PciFunction Port { get; }

    public PciFunction Endpoint { get; }

    public uint Command
    {
        get => Endpoint.ReadConfig(PciRegisters.Command, 2);
        set => Endpoint.WriteConfig(PciRegisters.Command, 2, value);
    }

    /// <summary>Writes the power state into the endpoint's PMCSR and waits as long as the transition needs.</summary>
    public void SetState(PowerState state)
    {
        Endpoint.WriteConfig(Endpoint.Pm!.ControlStatusOffset, 2, (uint)state);
        Clock.Advance(Endpoint.D3HotDelay);
    }

    /// <summary>Software gives the endpoint four vectors of MSI, at 1_fee0_0000 with 40fc and what follows.</summary>
    public void EnableFourMessages()
    {
        int msi = Endpoint.Capabilities.Find(CapabilityId.Msi)!.Value.Offset;
        Endpoint.WriteConfig(msi + MsiRegisters.Address, 4, 0xfee0_0000);
        Endpoint.WriteConfig(msi + MsiRegisters.UpperAddress, 4, 1);
        Endpoint.WriteConfig(msi + MsiRegisters.DataOffset(MsiRegisters.Address64), 2, 0x40ff);
        Endpoint.WriteConfig(msi + MsiRegisters.MessageControl, 2, MsiRegisters.Enable | (2 << 4));
        Command = PciRegisters.CommandMaster;
    }

    public static ulong HashOf(PciFunction function) => StateHashes.Of(function.AddTo);
}
