namespace VfioPm.Tests.Pci;

/// <summary>PCI Express Base, chapter 9.</summary>
public class VirtualFunctionTests
{
    private const int NoAnswer = 0xffff;
    private const uint EnableAndMemory = SriovRegisters.ControlVfEnable | SriovRegisters.ControlVfMemory;

    private readonly Silicon _silicon = new(DeviceImages.SriovNvme);

    private PciFunction Physical => _silicon.Endpoint;

    private PciFunction First => Physical.VirtualFunctions[0];

    private PciFunction Second => Physical.VirtualFunctions[1];

    [Fact]
    public void They_sit_where_offset_and_stride_say() =>
        Physical.VirtualFunctions.Select(function => function.Address.ToString())
            .Should().Equal("0000:01:00.1", "0000:01:00.2");

    [Fact]
    public void One_answers_only_while_it_is_enabled()
    {
        First.ReadConfig(PciRegisters.Status, 2).Should().Be(NoAnswer);

        Enable(1);

        First.ReadConfig(PciRegisters.Status, 2).Should().Be(PciRegisters.StatusCapabilityList);
        Second.ReadConfig(PciRegisters.Status, 2).Should().Be(NoAnswer, "one was asked for");
    }

    [Fact]
    public void It_is_in_D0_whenever_it_is_enabled_whatever_its_dump_was_taken_in()
    {
        DeviceImage image = DeviceImages.SriovNvme.VirtualFunction!;
        byte[] bytes = image.Bytes.ToArray();
        bytes[PciFunction.Standalone(image).Pm!.ControlStatusOffset] |= (byte)PowerState.D3Hot;
        var silicon = new Silicon(DeviceImages.SriovNvme.WithVirtualFunctions(image.WithBytes(bytes)));
        PciFunction function = silicon.Endpoint.VirtualFunctions[0];
        Enable(silicon.Endpoint, 1, EnableAndMemory);
        function.PowerState.Should().Be(PowerState.D0);

        function.WriteConfig(function.Pm!.ControlStatusOffset, 2, (uint)PowerState.D3Hot);
        Enable(silicon.Endpoint, 1, control: 0);
        Enable(silicon.Endpoint, 1, EnableAndMemory);

        function.PowerState.Should().Be(PowerState.D0);
    }

    [Fact]
    public void Its_identity_and_its_BARs_are_not_in_its_header()
    {
        Enable(2);

        First.WriteConfig(PciRegisters.BaseAddress0, 4, 0xffff_ffff);

        First.ReadConfig(PciRegisters.VendorId, 4).Should().Be(0xffff_ffff);
        First.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(0);
    }

    [Fact]
    public void The_BARs_of_all_follow_each_other_from_the_address_in_the_capability()
    {
        Bar bar = First.Bars.Should().ContainSingle().Which;

        bar.Kind.Should().Be(BarKind.Memory64);
        First.AddressOf(bar).Should().Be(0xfe60_4000);
        Second.AddressOf(bar).Should().Be(0xfe60_8000);
    }

    [Fact]
    public void Its_memory_is_enabled_in_the_capability_and_not_in_its_Command()
    {
        Enable(1, SriovRegisters.ControlVfEnable);
        First.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);

        First.ReadConfig(PciRegisters.Command, 2).Should().Be(PciRegisters.CommandMaster);
        First.Decodes(0).Should().BeFalse();

        Enable(1);
        First.Decodes(0).Should().BeTrue();
    }

    [Fact]
    public void Its_memory_sleeps_with_the_physical_function()
    {
        Enable(1);

        _silicon.SetState(PowerState.D3Hot);

        First.Decodes(0).Should().BeFalse();
        First.ReadConfig(PciRegisters.Status, 2).Should().Be(PciRegisters.StatusCapabilityList, "configuration answers");
    }

    [Fact]
    public void Each_enabling_makes_new_ones()
    {
        Enable(1);
        ulong fresh = Silicon.HashOf(First);
        First.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMaster);
        First.WriteBar(0, 0, 4, 0x1234_5678);

        Enable(1, control: 0);
        Enable(1);

        First.ReadConfig(PciRegisters.Command, 2).Should().Be(0);
        First.ReadBar(0, 0, 4).Should().Be(0);
        Silicon.HashOf(First).Should().Be(fresh);
    }

    [Fact]
    public void Resetting_the_physical_function_takes_them_away()
    {
        Enable(2);

        Physical.Reset(ResetKind.FunctionLevel);

        First.ReadConfig(PciRegisters.Status, 2).Should().Be(NoAnswer);
        Physical.Sriov!.IsVfEnabled.Should().BeFalse();
        Physical.Sriov.NumVfs.Should().Be(0);
    }

    [Fact]
    public void The_emulator_takes_them_away_and_goes_on_saying_that_they_are_there()
    {
        var silicon = new Silicon(DeviceImages.SriovNvme, HardwareBehavior.Emulator);
        PciFunction physical = silicon.Endpoint;
        int sriov = physical.Sriov!.Offset;
        physical.WriteConfig(sriov + SriovRegisters.NumVfs, 2, 1);
        physical.WriteConfig(sriov + SriovRegisters.Control, 2, EnableAndMemory);

        physical.Reset(ResetKind.FunctionLevel);

        physical.Sriov.IsVfEnabled.Should().BeTrue();
        physical.VirtualFunctions[0].ReadConfig(PciRegisters.Status, 2).Should().Be(NoAnswer);
    }

    [Fact]
    public void Only_an_SR_IOV_capability_can_have_them()
    {
        Action action = () => DeviceImages.Nvme.WithVirtualFunctions(DeviceImages.Nvme);

        action.Should().Throw<InvalidOperationException>().WithMessage("*no SR-IOV capability*");
        DeviceImages.SriovNvme.At(PciAddress.Parse("02:00.0")).WithBarSize(0, 0x8000).VirtualFunction
            .Should().NotBeNull("what else is changed about a function leaves them alone");
    }

    private void Enable(int count, uint control = EnableAndMemory) => Enable(Physical, count, control);

    private static void Enable(PciFunction physical, int count, uint control)
    {
        int sriov = physical.Sriov!.Offset;
        physical.WriteConfig(sriov + SriovRegisters.NumVfs, 2, (uint)count);
        physical.WriteConfig(sriov + SriovRegisters.Control, 2, control);
    }
}
