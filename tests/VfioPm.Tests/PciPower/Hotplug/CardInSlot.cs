namespace VfioPm.Tests;

/// <summary>A machine with a card in a slot that pciehp serves.</summary>
internal static class CardInSlot
{
    public const string Port = "0000:00:03.0";
    public const string Card = "0000:01:00.0";

    /// <param name="profile">The kernel.</param>
    /// <param name="port">The port with the slot.</param>
    /// <param name="card">The card in it.</param>
    /// <param name="deepest">How deep the port may sleep, if at all.</param>
    public static SimulatedHost Make(string profile, out PciDevice port, out PciDevice card, PowerState? deepest = null)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        port = host.AddRootPort(Port, setup =>
        {
            setup.WithImage(DeviceImages.RootPort.WithHotplugSlot());
            if (deepest is { } state)
            {
                setup.WithPowerResource().WithWake(state);
            }
        });
        card = port.AddEndpoint(Card);
        return host;
    }

    /// <summary>The same with a card that vfio-pci has and nobody uses, so that both sleep as deeply as they may.</summary>
    public static SimulatedHost MakeAsleep(string profile, out PciDevice port, out PciDevice card, PowerState deepest)
    {
        SimulatedHost host = Make(profile, out port, out card, deepest);
        host.VfioPci.Bind(card);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(deepest);
        return host;
    }
}
