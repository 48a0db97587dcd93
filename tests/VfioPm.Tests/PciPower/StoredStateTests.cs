namespace VfioPm.Tests;

/// <summary>A copy of configuration that a driver keeps for itself, and one that the kernel took when it found the function.</summary>
public sealed class StoredStateTests
{
    private const int CacheLineSize = 0x0c;

    // pci_store_saved_state(), pci_load_and_free_saved_state()
    [Fact]
    public void A_driver_gives_back_what_it_kept_once_whatever_was_saved_meanwhile()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        StoredState stored = nic.SavedState.NewStored();
        Write(nic, 0x40);
        PciPm.SaveState(nic);
        nic.SavedState.Store(stored);
        Write(nic, 0x10);
        PciPm.SaveState(nic);

        nic.SavedState.LoadOrForget(stored);
        PciPm.RestoreState(nic);
        nic.Hardware.ReadConfig(CacheLineSize, 1).Should().Be(0x40);

        Write(nic, 0x10);
        PciPm.SaveState(nic);
        nic.SavedState.LoadOrForget(stored);
        nic.SavedState.IsSaved.Should().BeFalse("it was given away");
        Write(nic, 0x20);
        PciPm.RestoreState(nic);
        nic.Hardware.ReadConfig(CacheLineSize, 1).Should().Be(0x20);
    }

    [Fact]
    public void Of_a_function_of_which_nothing_is_saved_nothing_is_kept()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        StoredState stored = nic.SavedState.NewStored();
        PciPm.SaveState(nic);
        nic.SavedState.Store(stored);
        PciPm.RestoreState(nic);

        nic.SavedState.Store(stored);

        nic.SavedState.LoadOrForget(stored);
        nic.SavedState.IsSaved.Should().BeFalse();
    }

    // pci_bus_add_device() saves since 6.12, and with the function the other end of its link (pci_save_aspm_l1ss_state()).
    [Theory]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void What_was_found_at_the_other_end_of_the_link_comes_back_with_a_function_that_nobody_saved_since(string profile)
    {
        const int Control1 = CapabilityImages.Extended + 0x08;
        const uint Found = 0x4055_000f;
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", static setup => setup.WithImage(
            DeviceImages.RootPort.WithExtended(ExtendedCapabilityId.L1Substates)));
        port.Hardware.WriteConfig(Control1, 4, Found);
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.L1Substates));
        port.Hardware.WriteConfig(Control1, 4, 0);

        PciPm.RestoreState(nic);

        port.Hardware.ReadConfig(Control1, 4).Should().Be(Found);
    }

    private static void Write(PciDevice nic, uint cacheLineSize) => nic.Hardware.WriteConfig(CacheLineSize, 1, cacheLineSize);
}
