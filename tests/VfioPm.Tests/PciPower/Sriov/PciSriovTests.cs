using System.Buffers.Binary;

namespace VfioPm.Tests;

/// <summary>The SR-IOV capability as the kernel sets it up, and what it does for a driver (<c>drivers/pci/iov.c</c>).</summary>
public sealed class PciSriovTests
{
    // sriov_init(): the smallest that there is.
    [Theory]
    [InlineData(0x553, 0x001)]
    [InlineData(0x552, 0x002)]
    [InlineData(0x550, 0x010)]
    public void sriov_init_chooses_the_smallest_page_that_the_function_knows_and_a_reset_takes_it_not(int sizes, int chosen)
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12, image: WithPages((uint)sizes));
        machine.Physical.Hardware.ReadConfig(Register(machine, SriovRegisters.SystemPageSize), 4).Should().Be((uint)chosen);

        LosePower(machine.Physical);
        PciPm.RestoreState(machine.Physical);

        machine.Physical.Hardware.ReadConfig(Register(machine, SriovRegisters.SystemPageSize), 4).Should().Be((uint)chosen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void sriov_restore_state_gives_back_what_a_loss_of_power_took(int count)
    {
        byte[] bytes = DeviceImages.SriovNvme.Bytes.ToArray();
        bytes[Offset(DeviceImages.SriovNvme) + SriovRegisters.VfBaseAddress0 + 4] = 0x01;
        using var machine = new SriovMachine(KernelProfile.Linux6_12, image: DeviceImages.SriovNvme.WithBytes(bytes));
        machine.Enable(count).Should().Succeed();
        string before = RegistersOf(machine);
        PciPm.SaveState(machine.Physical);
        LosePower(machine.Physical);
        RegistersOf(machine).Should().NotBe(before);

        TimeSpan asked = machine.Host.Clock.Now;
        ScriptedDriver.Do(machine.Physical, Restore).Should().Succeed();

        RegistersOf(machine).Should().Be(before);
        ((machine.Host.Clock.Now - asked) >= TimeSpan.FromMilliseconds(100)).Should().Be(count != 0, "virtual functions need their time");
    }

    // Where VF Enable is set nobody reset it.
    [Fact]
    public void sriov_restore_state_leaves_alone_what_is_enabled()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        machine.Enable(2).Should().Succeed();
        TimeSpan asked = machine.Host.Clock.Now;

        ScriptedDriver.Do(machine.Physical, Restore).Should().Succeed();

        machine.Host.Clock.Now.Should().Be(asked);
    }

    [Fact]
    public void pci_sriov_set_totalvfs_takes_as_many_as_there_can_be_while_there_are_none()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        PciSriov sriov = machine.Physical.Sriov!;

        sriov.SetTotalVfs(-1).Should().Be(-Errno.EINVAL);
        sriov.SetTotalVfs(sriov.TotalVfs + 1).Should().Be(-Errno.EINVAL);
        sriov.MostVfs.Should().Be(sriov.TotalVfs);
        sriov.SetTotalVfs(sriov.TotalVfs).Should().Be(0);
        sriov.SetTotalVfs(0).Should().Be(0);
        sriov.SetTotalVfs(1).Should().Be(0);
        machine.Enable(2).Should().FailWith(Errno.ERANGE);
        machine.Enable(1).Should().Succeed();
        sriov.SetTotalVfs(2).Should().Be(-Errno.EBUSY);
        sriov.MostVfs.Should().Be(1);
    }

    [Fact]
    public void pci_enable_sriov_refuses_more_than_there_can_be_a_second_time_and_a_capability_without_sense()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        int total = machine.Physical.Sriov!.TotalVfs;
        Enable(machine, total + 1).Should().FailWith(Errno.EINVAL);
        Enable(machine, 1).Should().Succeed();
        Enable(machine, 1).Should().FailWith(Errno.EINVAL);
        machine.Physical.Sriov.NumVfs.Should().Be(1);
        Enable(machine, -1).Should().FailWith(Errno.EINVAL);

        using var odd = new SriovMachine(KernelProfile.Linux6_12, image: WithInitial(total - 1));
        Enable(odd, 1).Should().FailWith(Errno.EIO);
        odd.Physical.Sriov!.NumVfs.Should().Be(0);
    }

    [Fact]
    public void pci_enable_sriov_of_none_changes_nothing()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        Enable(machine, 0).Should().Succeed();
        machine.Physical.Sriov!.NumVfs.Should().Be(0);
        Enable(machine, 2).Should().Succeed();

        Enable(machine, 0).Should().Succeed();

        machine.Physical.Sriov.NumVfs.Should().Be(2);
    }

    [Fact]
    public void pci_sriov_configure_simple_takes_all_away_for_none()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        Configure(machine, 2).Should().Be(new KernelResult(2));
        Configure(machine, 1).Should().FailWith(Errno.EINVAL, "sriov_enable() is asked, too");

        Configure(machine, 0).Should().Be(KernelResult.Success);

        machine.Physical.Sriov!.NumVfs.Should().Be(0);
    }

    [Fact]
    public void pci_enable_sriov_takes_as_many_as_there_can_be()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        PciSriov sriov = machine.Physical.Sriov!;

        Enable(machine, sriov.TotalVfs).Should().Succeed();

        sriov.VirtualFunctions.Select(static function => (int)function.Address.RequesterId).Should().Equal(
            Enumerable.Range(0, sriov.TotalVfs).Select(number =>
                machine.Physical.Address.RequesterId + sriov.Offset + (number * sriov.Stride)));
        machine.Physical.Hardware.ReadConfig(Register(machine, SriovRegisters.NumVfs), 2).Should().Be((uint)sriov.TotalVfs);
        (machine.Physical.Hardware.ReadConfig(Register(machine, SriovRegisters.Control), 2)
            & (SriovRegisters.ControlVfEnable | SriovRegisters.ControlVfMemory))
            .Should().Be(SriovRegisters.ControlVfEnable | SriovRegisters.ControlVfMemory);
    }

    // sriov_init() asks pci_ari_enabled(), and turns off what the firmware left on.
    [Theory]
    [InlineData(true, true, "0000:01:00.0", 0x10)]
    [InlineData(false, true, "0000:01:00.0", 0)]
    [InlineData(true, false, "0000:01:00.0", 0)]
    [InlineData(true, true, "0000:01:00.1", 0)]
    [InlineData(true, true, "0000:01:01.0", 0)]
    public void sriov_init_counts_on_ARI_where_the_port_passes_it_on_and_function_0_has_it(bool ofPort, bool ofCard, string address, int expected)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        byte[] port = DeviceImages.RootPort.Bytes.ToArray();
        int express = DeviceImages.RootPort.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        port[express + ExpressRegisters.DeviceCapabilities2] &= unchecked((byte)~ExpressRegisters.DeviceCapabilities2Ari);
        port[express + ExpressRegisters.DeviceCapabilities2] |= (byte)(ofPort ? ExpressRegisters.DeviceCapabilities2Ari : 0);
        DeviceImage image = DeviceImages.SriovNvme.WithoutCapability(ExtendedCapabilityId.AlternativeRoutingId, isExtended: true);
        image = ofCard ? DeviceImages.SriovNvme : image;
        byte[] card = image.Bytes.ToArray();
        card[Offset(image) + SriovRegisters.Control] = 0x09;

        PciDevice physical = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithBytes(port)))
            .AddEndpoint(address, image.WithBytes(card));

        physical.Hardware.ReadConfig(Offset(image) + SriovRegisters.Control, 2).Should().Be((uint)expected);
    }

    // pci_configure_ari() asks function 0, whatever that is; of several physical functions the first alone says so.
    [Theory]
    [InlineData(true, 0x10)]
    [InlineData(false, 0)]
    public void sriov_init_of_another_function_counts_on_what_function_0_says(bool ofFirst, int expected)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        DeviceImage first = ofFirst ? DeviceImages.E1000E.WithCapability(ExtendedCapabilityId.AlternativeRoutingId, [0, 0, 0, 0], isExtended: true) : DeviceImages.E1000E;
        port.AddEndpoint("0000:01:00.0", first);
        int control = Offset(DeviceImages.SriovNvme) + SriovRegisters.Control;

        ControlOf("0000:01:00.1").Should().Be(expected);
        ControlOf("0000:01:00.2").Should().Be(0);
        (DeviceControl2Of(port) & ExpressRegisters.DeviceControl2Ari).Should().Be(ofFirst ? ExpressRegisters.DeviceControl2Ari : 0u);

        int ControlOf(string address) => (int)port.AddEndpoint(address, DeviceImages.SriovNvme).Hardware.ReadConfig(control, 2);
    }

    [Fact]
    public void pci_configure_ari_takes_back_what_the_firmware_left_on_where_function_0_does_not_have_it()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        byte[] bytes = DeviceImages.RootPort.Bytes.ToArray();
        bytes[DeviceImages.RootPort.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.DeviceControl2] |= (byte)ExpressRegisters.DeviceControl2Ari;
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithBytes(bytes)));
        uint before = DeviceControl2Of(port);

        port.AddEndpoint("0000:01:00.1");
        DeviceControl2Of(port).Should().Be(before);
        port.AddEndpoint("0000:01:00.0");

        DeviceControl2Of(port).Should().Be(before & ~(uint)ExpressRegisters.DeviceControl2Ari).And.NotBe(before);
    }

    // pci_iov_virtfn_bus() of the last one.
    [Theory]
    [InlineData(1, null)]
    [InlineData(2, Errno.ENOMEM)]
    public void sriov_enable_needs_a_bus_for_the_last_virtual_function(int count, Errno? error)
    {
        byte[] bytes = DeviceImages.SriovNvme.Bytes.ToArray();
        int sriov = Offset(DeviceImages.SriovNvme);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sriov + SriovRegisters.FirstVfOffset), 0xf8);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sriov + SriovRegisters.VfStride), 0x10);
        using var machine = new SriovMachine(KernelProfile.Linux6_12, image: DeviceImages.SriovNvme.WithBytes(bytes));

        Enable(machine, count).Errno.Should().Be(error);
    }

    // pci_enable_resources(), and msleep(100).
    [Fact]
    public void sriov_enable_has_the_physical_function_decode_memory_and_gives_the_virtual_ones_a_tenth_of_a_second()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        machine.Physical.RuntimePm.GetSync();
        machine.Physical.Hardware.WriteConfig(PciRegisters.Command, 2, 0);
        TimeSpan before = machine.Host.Clock.Now;

        Enable(machine, 1).Should().Succeed();

        (machine.Host.Clock.Now - before).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(100));
        (machine.Physical.Hardware.ReadConfig(PciRegisters.Command, 2) & PciRegisters.CommandMemory).Should().NotBe(0);
    }

    // sriov_add_vfs(): all or none.
    [Fact]
    public void sriov_enable_takes_all_away_where_one_cannot_be_added()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        machine.Enable(2).Should().Succeed();
        string second = machine.Virtual(1).Name;
        machine.Enable(0).Should().Succeed();
        machine.Port.AddEndpoint(second);

        machine.Enable(2).Should().FailWith(Errno.EIO);

        machine.Physical.Sriov!.NumVfs.Should().Be(0);
        machine.Host.Devices.Select(static device => device.Name).Should().Equal(machine.Port.Name, machine.Physical.Name, second);
        (machine.Physical.Hardware.ReadConfig(Register(machine, SriovRegisters.Control), 2) & SriovRegisters.ControlVfEnable).Should().Be(0);
        machine.Physical.Hardware.ReadConfig(Register(machine, SriovRegisters.NumVfs), 2).Should().Be(0);
    }

    // pci_device_can_probe(): an override is the administrator's word, too.
    [Theory]
    [InlineData(null, Errno.ENODEV)]
    [InlineData("nic", null)]
    public void sriov_drivers_autoprobe_keeps_drivers_from_virtual_functions_without_an_override(string? driverOverride, Errno? error)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        var driver = new ScriptedDriver { Ids = static device => device.IsVirtualFunction };
        var ofPhysical = new ScriptedDriver("pf") { Ids = static device => device.Sriov is not null, OnProbe = static device => PciPm.Enable(device) };
        host.Drivers.Register(driver);
        host.Drivers.Register(ofPhysical);
        PciDevice physical = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);
        physical.Sysfs.Write("sriov_drivers_autoprobe", "0").Should().Succeed();
        physical.Sysfs.Write("sriov_numvfs", "1").Should().Succeed();
        PciDevice function = physical.Sriov!.VirtualFunctions[0];
        function.Driver.Should().BeNull();
        function.Sysfs.Write("driver_override", driverOverride ?? "").Should().Succeed();

        host.Topology.Sysfs.Write("drivers/nic/bind", function.Name).Errno.Should().Be(error);

        function.Driver.Should().Be(error is null ? driver : null);
    }

    // pci_sriov_configure_simple(), and sriov_disable(): a second until they are gone.
    [Fact]
    public void pci_disable_sriov_takes_all_away_and_waits_a_second()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
        machine.Enable(2).Should().Succeed();
        List<PciDevice> gone = [.. machine.Physical.Sriov!.VirtualFunctions];
        TimeSpan asked = machine.Host.Clock.Now;

        machine.Enable(0).Should().Succeed();

        (machine.Host.Clock.Now - asked).Should().BeCloseTo(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100));
        gone.Should().OnlyContain(function => !function.IsThere);
        machine.Physical.Hardware.ReadConfig(Register(machine, SriovRegisters.NumVfs), 2).Should().Be(0);
        (machine.Physical.Hardware.ReadConfig(Register(machine, SriovRegisters.Control), 2) & SriovRegisters.ControlVfEnable).Should().Be(0);
        asked = machine.Host.Clock.Now;
        machine.Enable(0).Should().Succeed();
        machine.Host.Clock.Now.Should().Be(asked, "there is nothing to wait for");
    }

    private static KernelResult Enable(SriovMachine machine, int count)
    {
        machine.Physical.RuntimePm.GetSync();
        return ScriptedDriver.Do(machine.Physical, device => device.Sriov!.Enable(count));
    }

    private static KernelResult Configure(SriovMachine machine, int count)
    {
        machine.Physical.RuntimePm.GetSync();
        return ScriptedDriver.Do(machine.Physical, device => device.Sriov!.ConfigureSimple(count));
    }

    private static async KernelCall<int> Restore(PciDevice device)
    {
        await PciPm.RestoreState(device);
        return 0;
    }

    private static int Register(SriovMachine machine, int register) => Offset(machine.Physical.Hardware.Image) + register;

    private static int Offset(DeviceImage image) => image.Capabilities.FindExtended(ExtendedCapabilityId.Sriov)!.Value.Offset;

    private static string RegistersOf(SriovMachine machine) => string.Join(' ', Enumerable.Range(2, 14)
        .Select(dword => machine.Physical.Hardware.ReadConfig(Register(machine, 4 * dword), 4).ToString("x8", null)));

    private static DeviceImage WithPages(uint sizes)
    {
        byte[] bytes = DeviceImages.SriovNvme.Bytes.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Offset(DeviceImages.SriovNvme) + SriovRegisters.SupportedPageSizes), sizes);
        return DeviceImages.SriovNvme.WithBytes(bytes);
    }

    private static DeviceImage WithInitial(int count)
    {
        byte[] bytes = DeviceImages.SriovNvme.Bytes.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(Offset(DeviceImages.SriovNvme) + SriovRegisters.InitialVfs), (ushort)count);
        return DeviceImages.SriovNvme.WithBytes(bytes);
    }

    private static void LosePower(PciDevice device)
    {
        device.Hardware.SetPower(false);
        device.Hardware.SetPower(true);
    }

    private static uint DeviceControl2Of(PciDevice port) => port.Hardware.ReadConfig(
        port.Hardware.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.DeviceControl2, 2);
}
