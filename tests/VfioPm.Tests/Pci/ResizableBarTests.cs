using System.Runtime.InteropServices;

namespace VfioPm.Tests;

/// <summary>BARs whose size software chooses, in silicon and over a sleep (PCI Express Base, section 7.8.6.3).</summary>
public sealed class ResizableBarTests
{
    private const ulong Megabyte = 0x10_0000;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    private static DeviceImage Image { get; } =
        DeviceImages.Nvme.WithBarSize(0, 256 * Megabyte).WithResizableBar(0, 16 * Megabyte, 1024 * Megabyte);

    /// <summary>Two BARs of 32 MB, which could have 16.</summary>
    private static DeviceImage WithTwo
    {
        get
        {
            uint[] registers = [0x30 << 4, (2 << 5) | (5 << 8), 0x30 << 4, 1 | (5 << 8)];
            return DeviceImages.E1000E.WithBarSize(0, 32 * Megabyte).WithBarSize(1, 32 * Megabyte)
                .WithCapability(ExtendedCapabilityId.ResizableBar, MemoryMarshal.AsBytes<uint>(registers), isExtended: true);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(1024)]
    public void The_BAR_follows_the_size_in_its_control_register(int megabytes)
    {
        PciFunction function = PciFunction.Standalone(Image);
        Resize(function, (ulong)megabytes * Megabyte);
        SizeByWritingOnes(function).Should().Be((ulong)megabytes * Megabyte);
        function.FindBar(0)!.Size.Should().Be((ulong)megabytes * Megabyte);
    }

    /// <summary>A control register for each, one after the other (PCI Express Base, section 7.8.6).</summary>
    [Fact]
    public void A_second_BAR_follows_its_own_register()
    {
        PciFunction function = PciFunction.Standalone(WithTwo);
        int second = function.Capabilities.FindExtended(ExtendedCapabilityId.ResizableBar)!.Value.Offset + 0x10;

        function.WriteConfig(second, 4, 1 | (4 << 8));

        function.FindBar(0)!.Size.Should().Be(32 * Megabyte);
        function.FindBar(1)!.Size.Should().Be(16 * Megabyte);
    }

    [Fact]
    public void Address_bits_below_the_size_are_gone()
    {
        PciFunction function = PciFunction.Standalone(Image);
        Resize(function, 16 * Megabyte);
        function.WriteConfig(PciRegisters.BaseAddress0, 4, 0xe100_0000);
        (function.ReadConfig(PciRegisters.BaseAddress0, 4) & ~0xfu).Should().Be(0xe100_0000);
        Resize(function, 1024 * Megabyte);
        (function.ReadConfig(PciRegisters.BaseAddress0, 4) & ~0xfu).Should().Be(0xc000_0000);
    }

    [Theory]
    [InlineData(ResetKind.FunctionLevel)]
    [InlineData(ResetKind.Bus)]
    public void A_reset_brings_the_devices_own_size_back(ResetKind kind)
    {
        PciFunction function = PciFunction.Standalone(Image);
        function.Reset(kind);
        SizeByWritingOnes(function).Should().Be(16 * Megabyte);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_restore_rebar_state_brings_the_size_that_the_kernel_knows_back_after_a_loss_of_power(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice card = port.AddEndpoint("0000:01:00.0", Image);
        uint address = card.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4);
        host.VfioPci.Bind(card);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        card.Should().BeIn(PowerState.D3Cold);
        card.Hardware.FindBar(0)!.Size.Should().Be(16 * Megabyte, "such is the silicon without power");

        card.RuntimePm.GetSync().Should().Succeed();
        card.Hardware.FindBar(0)!.Size.Should().Be(256 * Megabyte);
        card.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(address);
    }

    // A reset of the function alone is followed by a restore too.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_restore_rebar_state_brings_the_size_that_the_kernel_knows_back_after_a_reset(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice card = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", Image);
        Resize(card.Hardware, 16 * Megabyte);

        card.Sysfs.Write("reset", "1").Should().Succeed();

        card.Hardware.FindBar(0)!.Size.Should().Be(256 * Megabyte);
    }

    [Fact]
    public void pci_restore_rebar_state_brings_the_sizes_of_all_back()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice card = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource())
            .AddEndpoint("0000:01:00.0", WithTwo);
        host.VfioPci.Bind(card);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        card.Should().BeIn(PowerState.D3Cold);

        card.RuntimePm.GetSync().Should().Succeed();

        new[] { card.Hardware.FindBar(0)!.Size, card.Hardware.FindBar(1)!.Size }.Should().AllBeEquivalentTo(32 * Megabyte);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void What_the_user_of_the_device_is_told_is_the_kernels_size(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice card = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", Image);
        Resize(card.Hardware, 16 * Megabyte);
        using VfioDeviceFile file = host.VfioPci.Bind(card).Open();
        file.GetRegionInfo(0, out VfioRegionInfo info).Should().Succeed();
        info.Size.Should().Be(256 * Megabyte);
    }

    [Fact]
    public void A_size_is_in_the_hash_and_in_a_fork()
    {
        using var host = new SimulatedHost();
        PciDevice card = host.AddEndpoint("0000:00:05.0", Image);
        ulong before = host.ComputeStateHash();
        Resize(card.Hardware, 16 * Megabyte);
        host.ComputeStateHash().Should().NotBe(before);
        using SimulatedHost fork = host.Fork();
        fork["0000:00:05.0"].Hardware.FindBar(0)!.Size.Should().Be(16 * Megabyte);
    }

    [Fact]
    public void A_BAR_that_is_not_there_or_outside_of_the_sizes_is_refused()
    {
        FluentActions.Invoking(() => DeviceImages.Nvme.WithResizableBar(0, Megabyte, 2 * Megabyte))
            .Should().Throw<ArgumentException>().WithMessage("BAR 0 of 0000:01:00.0 cannot be resized*");
        FluentActions.Invoking(() => Image.WithResizableBar(0, Megabyte, 256 * Megabyte))
            .Should().Throw<InvalidOperationException>();
    }

    private static void Resize(PciFunction function, ulong size)
    {
        int control = function.Capabilities.FindExtended(ExtendedCapabilityId.ResizableBar)!.Value.Offset + 8;
        uint field = (uint)System.Numerics.BitOperations.Log2(size) - 20;
        function.WriteConfig(control, 4, (function.ReadConfig(control, 4) & ~0x3f00u) | (field << 8));
    }

    private static ulong SizeByWritingOnes(PciFunction function)
    {
        function.WriteConfig(PciRegisters.BaseAddress0, 4, uint.MaxValue);
        return ~(ulong)(function.ReadConfig(PciRegisters.BaseAddress0, 4) & ~0xfu) + 1 & uint.MaxValue;
    }
}
