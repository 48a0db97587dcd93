namespace VfioPm.Tests;

// Whose the memory accesses of an IOMMU group are: two functions of a card are in one.
public class DmaOwnershipTests
{
    private const string First = "0000:01:00.0";
    private const string Second = "0000:01:00.1";

    public static TheoryData<string> Kernels { get; } =
        [.. KernelProfile.All.Where(static profile => profile != KernelProfile.Linux5_10).Select(static profile => profile.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void iommu_group_claim_dma_owner_refuses_a_group_in_which_the_kernel_has_a_function(string profile)
    {
        using SimulatedHost host = Card(profile);
        VfioPciDevice device = host.VfioPci.Bind(host[First]);
        host[Second].Bind(host.Drivers["nic"]);
        ulong before = host.ComputeStateHash();

        device.TryOpen(out VfioDeviceFile? file).Errno.Should().Be(Errno.EPERM);

        file.Should().BeNull();
        host.ComputeStateHash().Should().Be(before, "a refusal changes nothing");
        host[Second].Unbind();
        device.TryOpen(out _).Should().Be(KernelResult.Success);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_dma_configure_refuses_a_driver_of_the_kernel_where_a_user_has_the_group(string profile)
    {
        using SimulatedHost host = Card(profile);
        VfioDeviceFile file = host.VfioPci.Bind(host[First]).Open();

        host[Second].TryBind(host.Drivers["nic"]).Errno.Should().Be(Errno.EBUSY);

        host[Second].Driver.Should().BeNull();
        host.Log.Should().NeverSay("probe");
        file.Close();
        host[Second].TryBind(host.Drivers["nic"]).Should().Be(KernelResult.Success);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_user_is_about_to_have_the_group_from_the_beginning_of_his_open_on(string profile)
    {
        using SimulatedHost host = Card(profile);
        PendingCall opening = host.VfioPci.Bind(host[First]).BeginOpen();
        opening.IsCompleted.Should().BeFalse();

        host[Second].TryBind(host.Drivers["nic"]).Errno.Should().Be(Errno.EBUSY);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_driver_with_driver_managed_dma_may_have_a_function_beside_the_users(string profile)
    {
        using SimulatedHost host = Card(profile, managesDma: true);
        host[Second].Bind(host.Drivers["nic"]);
        VfioDeviceFile file = host.VfioPci.Bind(host[First]).Open();
        host[Second].Unbind();

        host[Second].TryBind(host.Drivers["nic"]).Should().Be(KernelResult.Success);

        file.IsClosed.Should().BeFalse();
    }

    [Fact]
    public void vfio_group_viable_refuses_the_open_before_there_was_ownership()
    {
        using SimulatedHost host = Card("linux-5.10", managesDma: true);
        VfioPciDevice device = host.VfioPci.Bind(host[First]);
        host[Second].Bind(host.Drivers["nic"]);

        device.TryOpen(out _).Errno.Should().Be(Errno.EINVAL, "what the driver does nobody asks, only its name");

        host[Second].Unbind();
        device.TryOpen(out _).Should().Be(KernelResult.Success);
    }

    [Theory]
    [InlineData("linux-5.10")]
    [InlineData("linux-6.1")]
    [InlineData("linux-7.3")]
    public void A_port_in_the_group_is_of_no_account(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", static setup => setup.WithIommuGroup(7));
        PciDevice nic = port.AddEndpoint(First, DeviceImages.E1000E, static setup => setup.WithIommuGroup(7));
        port.Driver!.Name.Should().Be("pcieport");

        host.VfioPci.Bind(nic).TryOpen(out _).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Each_is_told_who_has_what()
    {
        using SimulatedHost host = Card("linux-6.12");
        VfioPciDevice device = host.VfioPci.Bind(host[First]);
        host[Second].Bind(host.Drivers["nic"]);
        FluentActions.Invoking(() => device.TryOpen(out _).Should().Succeed()).Should().Throw<Exception>()
            .WithMessage($"*-EPERM*IOMMU group 2 is not viable: nic has {Second}, which is in it*");

        host[Second].Unbind();
        device.Open();
        FluentActions.Invoking(() => host[Second].TryBind(host.Drivers["nic"]).Should().Succeed()).Should().Throw<Exception>()
            .WithMessage($"*-EBUSY*a user has {First}, which is in the same IOMMU group, 2*");
    }

    private static SimulatedHost Card(string profile, bool managesDma = false)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        port.AddEndpoint(First);
        port.AddEndpoint(Second);
        host.Drivers.Register(new Nic(managesDma));
        return host;
    }

    /// <summary>A driver of the host's.</summary>
    private sealed class Nic(bool managesDma) : PciDriver
    {
        public override string Name => "nic";

        protected internal override bool ManagesDma => managesDma;

        protected internal override KernelCall<int> Probe(PciDevice device) => 0;
    }
}
