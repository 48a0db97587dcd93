namespace VfioPm.Tests;

/// <summary>A guest's driver that touches registers of its device, awake or not.</summary>
public sealed class GuestMemoryTests
{
    public static TheoryData<string> AllProfiles => GuestMachine.AllProfiles;

    public static TheoryData<string> ProfilesWithLowPower => GuestMachine.ProfilesWithLowPower;

    public static TheoryData<string> ProfilesWithoutLowPower => GuestMachine.ProfilesWithoutLowPower;

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void An_awake_device_is_read_and_written(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile));

        machine.Guest.Driver.WriteMemory(0, 0x10, 4, 0xcafe).IsFault.Should().BeFalse();

        machine.Guest.Driver.ReadMemory(0, 0x10, 4).Should().Be(new MappedAccess(0xcafe, IsFault: false));
    }

    [Fact]
    public void A_BAR_that_is_larger_than_what_a_VMM_can_map_is_trapped()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        byte[] bytes = [.. DeviceImages.Nvme.Bytes.Span];
        bytes[PciRegisters.BaseAddress0 + 7] = 0x80;
        PciDevice card = host.AddEndpoint("0000:00:05.0", DeviceImages.Nvme.WithBytes(bytes).WithBarSize(0, 1UL << 63));
        VfioDeviceFile file = host.VfioPci.Bind(card).Open();

        using LinuxGuest guest = host.Boot(file);

        file.Mappings.Should().BeEmpty();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        guest.Driver.WriteMemory(0, 0x10, 4, 0xcafe).IsFault.Should().BeFalse();
        guest.Driver.ReadMemory(0, 0x10, 4).Should().Be(new MappedAccess(0xcafe, IsFault: false));
    }

    // vfio_pci_mmap_fault()
    [Theory]
    [MemberData(nameof(ProfilesWithLowPower))]
    public void Touching_a_sleeping_device_is_a_fault_where_the_kernel_fences_memory(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithPowerResource());
        machine.Guest.Driver.ReadMemory(0, 0, 4).IsFault.Should().BeFalse();
        machine.FallAsleep();

        machine.Guest.Driver.ReadMemory(0, 0, 4).IsFault.Should().BeTrue();
        machine.Guest.Driver.WriteMemory(0, 0, 4, 1).IsFault.Should().BeTrue();

        machine.Guest.Driver.Use();
        machine.Guest.Driver.ReadMemory(0, 0, 4).IsFault.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(ProfilesWithoutLowPower))]
    public void Elsewise_it_reaches_a_device_that_does_not_answer(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithPowerResource());
        machine.FallAsleep();

        machine.Guest.Driver.ReadMemory(0, 0, 4).Should().Be(new MappedAccess(uint.MaxValue, IsFault: false));
    }

    // BAR 2 is I/O space: no page to map.
    [Fact]
    public void A_BAR_that_cannot_be_mapped_is_trapped()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);

        machine.Guest.Driver.WriteMemory(2, 0x4, 4, 0x1234);
        machine.Guest.Driver.ReadMemory(2, 0x4, 4).Value.Should().Be(0x1234);

        machine.Guest.Driver.ReadMemory(5, 0, 2).Should().Be(
            new MappedAccess(ushort.MaxValue, IsFault: false), "there is no such BAR");
    }

    [Fact]
    public void A_BAR_has_a_number_from_0_to_5()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);

        machine.Guest.Driver.Invoking(driver => driver.ReadMemory(6, 0, 4))
            .Should().Throw<ArgumentOutOfRangeException>();
        machine.Guest.Driver.Invoking(driver => driver.WriteMemory(-1, 0, 4, 0))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    /// <summary>Mapped or trapped: who is refused has not left the guest, and woken nobody.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_BAR_begins_at_0_and_who_looks_before_that_changes_nothing(int bar)
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);
        ulong before = machine.Host.ComputeStateHash();

        machine.Guest.Driver.Invoking(driver => driver.ReadMemory(bar, -4, 4))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("offset");
        machine.Guest.Driver.Invoking(driver => driver.WriteMemory(bar, -4, 4, 1))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("offset");

        machine.Host.ComputeStateHash().Should().Be(before);
    }
}
