namespace VfioPm.Tests;

public sealed class VfioMappingTests
{
    public static TheoryData<string> Profiles => [.. KernelProfile.All.Select(profile => profile.Name)];

    [Fact]
    public void A_mapping_shows_the_registers_and_changes_them()
    {
        OpenedDevice device = new();
        using VfioMapping mapping = Map(device);

        mapping.Write(OpenedDevice.VlanType, 4, 0x44332211).IsFault.Should().BeFalse();

        mapping.Read(OpenedDevice.VlanType, 4).Should().Be(new MappedAccess(0x2211, IsFault: false));
        device.Function.Hardware.ReadBar(OpenedDevice.MemoryBar, OpenedDevice.VlanType, 4).Should().Be(0x2211);
    }

    [Theory]
    [InlineData(OpenedDevice.Page - 4, true)]
    [InlineData(OpenedDevice.Page - 3, false)]
    [InlineData(-1, false)]
    public void A_mapping_ends_where_it_was_said_to(long offset, bool isIn)
    {
        OpenedDevice device = new();
        VfioMapping mapping = device.File.Map(OpenedDevice.MemoryBar, 0, OpenedDevice.Page);
        Action[] accesses = [() => mapping.Read(offset, 4), () => mapping.Write(offset, 4, 0)];

        foreach (Action access in accesses)
        {
            if (isIn)
            {
                access.Should().NotThrow();
            }
            else
            {
                access.Should().Throw<ArgumentOutOfRangeException>();
            }
        }
    }

    [Fact]
    public void A_mapping_in_the_middle_of_a_BAR_counts_from_its_own_beginning()
    {
        OpenedDevice device = new();
        VfioMapping mapping = device.File.Map(OpenedDevice.MemoryBar, OpenedDevice.Page, OpenedDevice.Page);

        mapping.Read(0, 4).Value.Should().Be(device.Function.Hardware.ReadBar(0, OpenedDevice.Page, 4)).And.NotBe(0);
    }

    // vfio_basic_config_write() zaps the mappings when memory enable goes.
    [Theory]
    [MemberData(nameof(Profiles))]
    public void Without_memory_enable_a_mapping_faults_and_with_it_comes_back(string profile)
    {
        OpenedDevice device = new(KernelProfile.Parse(profile));
        VfioMapping mapping = Map(device);
        mapping.Read(0, 4).IsFault.Should().BeFalse();

        device.SetCommand(0);
        mapping.Read(0, 4).IsFault.Should().BeTrue();
        mapping.Write(0, 4, 1).IsFault.Should().BeTrue();

        device.SetCommand(PciRegisters.CommandMemory);
        mapping.Read(8, 4).Value.Should().Be(0x0008_0283);
    }

    [Fact]
    public void Mapping_succeeds_without_memory_enable_and_the_first_touch_faults()
    {
        OpenedDevice device = new();
        device.SetCommand(0);

        Map(device).Read(0, 4).IsFault.Should().BeTrue();
    }

    // No patch of the RFC looks at power states in the fault handler.
    [Fact]
    public void Under_the_RFC_a_sleeping_function_neither_faults_nor_wakes_nor_answers()
    {
        OpenedDevice device = new();
        VfioMapping touched = Map(device);
        VfioMapping untouched = Map(device);
        touched.Read(0, 4);
        device.Sleep();

        touched.Read(0, 4).Should().Be(new MappedAccess(uint.MaxValue, IsFault: false));
        untouched.Read(0, 4).Should().Be(new MappedAccess(uint.MaxValue, IsFault: false));
        device.Function.PowerState.Should().Be(PowerState.D3Cold);
    }

    // __vfio_pci_memory_enabled() of Linux 5.19 and later; vfio_lock_and_set_power_state() zaps.
    [Fact]
    public void Since_the_fence_a_function_in_D3hot_faults_until_it_is_in_D0_again()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        VfioMapping mapping = Map(device);
        mapping.Read(0, 4).IsFault.Should().BeFalse();

        device.Sleep();
        mapping.Read(0, 4).IsFault.Should().BeTrue();

        device.File.Config.WritePmcsrState(PowerState.D0);
        mapping.Read(0, 4).IsFault.Should().BeFalse();
    }

    [Fact]
    public void Before_the_RFC_a_function_in_D3hot_does_not_answer_and_there_is_no_fault()
    {
        OpenedDevice device = new(KernelProfile.PreRfc);
        VfioMapping mapping = Map(device);
        device.Sleep();

        mapping.Read(0, 4).Should().Be(new MappedAccess(uint.MaxValue, IsFault: false));
    }

    [Fact]
    public void A_mapping_keeps_a_closed_device_open_until_it_is_gone()
    {
        OpenedDevice device = new();
        VfioMapping mapping = Map(device);
        mapping.Read(8, 4);

        device.File.Close();
        device.File.Device.IsOpen.Should().BeTrue();
        device.Function.RuntimePm.UsageCount.Should().Be(1);
        mapping.Read(8, 4).Value.Should().Be(0x0008_0283);

        mapping.Unmap();
        device.File.Device.IsOpen.Should().BeFalse();
        device.Function.RuntimePm.UsageCount.Should().Be(0);
    }

    [Fact]
    public void Unmapping_leaves_an_open_device_open()
    {
        OpenedDevice device = new();
        VfioMapping mapping = Map(device);

        mapping.Unmap();
        mapping.Unmap();

        device.File.Mappings.Should().BeEmpty();
        device.File.Device.IsOpen.Should().BeTrue();
        mapping.Invoking(gone => gone.Read(0, 4)).Should().Throw<ObjectDisposedException>();
    }

    [Theory]
    [InlineData(-1, 4)]
    [InlineData(OpenedDevice.Page - 3, 4)]
    [InlineData(OpenedDevice.Page, 1)]
    [InlineData(0, 3)]
    public void An_access_that_is_not_in_the_mapping_is_misuse(long offset, int width)
    {
        VfioMapping mapping = Map(new OpenedDevice());

        mapping.Invoking(mapped => mapped.Read(offset, width)).Should().Throw<ArgumentOutOfRangeException>();
        mapping.Invoking(mapped => mapped.Write(offset, width, 0)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(OpenedDevice.MemoryBar, 1, OpenedDevice.Page)]
    [InlineData(OpenedDevice.MemoryBar, 0, 0)]
    [InlineData(OpenedDevice.MemoryBar, 0x2_0000, OpenedDevice.Page)]
    [InlineData(OpenedDevice.MemoryBar, OpenedDevice.Page, 0x2_0000)]
    [InlineData(OpenedDevice.IoBar, 0, OpenedDevice.Page)]
    [InlineData(5, 0, OpenedDevice.Page)]
    [InlineData(VfioRegion.Rom, 0, OpenedDevice.Page)]
    [InlineData(VfioRegion.Configuration, 0, OpenedDevice.Page)]
    [InlineData(60, 0, OpenedDevice.Page)]
    public void What_is_no_page_of_a_memory_BAR_cannot_be_mapped(int region, long offset, long length)
    {
        VfioDeviceFile file = new OpenedDevice().File;

        file.TryMap(region, offset, length, out VfioMapping? mapping).Errno.Should().Be(Errno.EINVAL);

        mapping.Should().BeNull();
        file.Invoking(opened => opened.Map(region, offset, length)).Should().Throw<InvalidOperationException>();
    }

    // get_unmapped_area(): asked before the driver, whose region ends long before.
    [Theory]
    [InlineData(1L << 47)]
    [InlineData(long.MaxValue)]
    public void Nobody_has_the_addresses_for_more_than_47_bits(long length) =>
        new OpenedDevice().File.TryMap(OpenedDevice.MemoryBar, 0, length, out _).Errno.Should().Be(Errno.ENOMEM);

    // vfio_pci_probe_mmaps(): a small BAR has its page to itself.
    [Fact]
    public void Behind_a_BAR_that_is_smaller_than_its_page_nothing_answers()
    {
        OpenedDevice device = new(setup: adapter => adapter
            .WithImage(DeviceImages.E1000E.WithBarSize(OpenedDevice.MemoryBar, 0x100)));
        VfioMapping mapping = Map(device);
        mapping.Write(0x100, 4, 1).IsFault.Should().BeFalse();
        mapping.Write(0xfc, 4, 1).IsFault.Should().BeFalse();

        mapping.Read(0xfc, 4).Value.Should().Be(1);
        mapping.Read(0x100, 4).Value.Should().Be(uint.MaxValue);
    }

    [Fact]
    public void A_fork_has_mappings_of_its_own()
    {
        OpenedDevice device = new();
        VfioMapping mapping = Map(device);
        mapping.Read(0, 4);
        using SimulatedHost fork = device.Host.Fork();
        fork.ComputeStateHash().Should().Be(device.Host.ComputeStateHash());
        VfioMapping copy = fork.VfioPci.Devices[0].Files[0].Mappings[0];

        device.SetCommand(0);
        copy.Write(OpenedDevice.VlanType, 4, 0x1234);

        mapping.Read(0, 4).IsFault.Should().BeTrue();
        copy.Read(OpenedDevice.VlanType, 4).Value.Should().Be(0x1234);
        device.Function.Hardware.ReadBar(OpenedDevice.MemoryBar, OpenedDevice.VlanType, 4).Should().NotBe(0x1234);
    }

    [Fact]
    public void A_touch_changes_the_state_hash_where_the_pages_come()
    {
        OpenedDevice device = new();
        VfioMapping mapping = Map(device);
        ulong before = device.Host.ComputeStateHash();

        mapping.Read(8, 4);
        ulong touched = device.Host.ComputeStateHash();
        mapping.Read(8, 4);

        touched.Should().NotBe(before);
        device.Host.ComputeStateHash().Should().Be(touched);
    }

    private static VfioMapping Map(OpenedDevice device) =>
        device.File.Map(OpenedDevice.MemoryBar, 0, OpenedDevice.Page);
}
