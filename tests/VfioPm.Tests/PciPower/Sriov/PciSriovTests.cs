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
        using var machine = new SriovMachine(KernelProfile.Linux6_12);
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
}
