namespace VfioPm.Tests;

// vfio_pci_validate_vf_token(), vfio_pci_core_match(), vfio_pci_core_feature_token(); recordings "sriov-token*".
public sealed class VfTokenTests
{
    private static readonly Guid Other = new("00112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void A_virtual_function_opens_only_with_the_token_of_its_physical_function()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Bound.Open(SriovMachine.Token);
        machine.Enable(1);

        Try(machine.BoundVirtual(0), null).Should().Be(Errno.EACCES);
        Try(machine.BoundVirtual(0), Other).Should().Be(Errno.EACCES);
        Try(machine.BoundVirtual(0), SriovMachine.Token).Should().BeNull();
    }

    [Fact]
    public void Nobody_knows_the_token_that_a_physical_function_has_at_first()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Enable(1);

        Try(machine.BoundVirtual(0), Guid.Empty).Should().Be(Errno.EACCES);
    }

    [Fact]
    public void The_physical_function_takes_a_token_until_a_virtual_one_is_used_and_then_asks_for_it()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Enable(1);
        machine.Bound.Open(Other).Close();
        machine.Bound.Open(SriovMachine.Token).Close();
        VfioDeviceFile user = machine.BoundVirtual(0).Open(SriovMachine.Token);

        Try(machine.Bound, null).Should().Be(Errno.EACCES);
        Try(machine.Bound, Other).Should().Be(Errno.EACCES);
        Try(machine.Bound, SriovMachine.Token).Should().BeNull();

        user.Close();
        Try(machine.Bound, null).Should().BeNull("nobody is left to be protected");
    }

    [Fact]
    public void An_open_physical_function_can_change_the_token()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.Bound.Open(SriovMachine.Token);
        machine.Enable(1);

        file.SetVfToken(Other).Should().Be(KernelResult.Success);

        Try(machine.BoundVirtual(0), SriovMachine.Token).Should().Be(Errno.EACCES);
        Try(machine.BoundVirtual(0), Other).Should().BeNull();
        machine.BoundVirtual(0).Files[0].SetVfToken(Other).Errno.Should().Be(Errno.ENOTTY, "it has none of its own");
    }

    [Theory]
    [InlineData("vf_token=xyz")]
    [InlineData("vf_token=zd8d9d2b-5a5f-4f5a-a211-f591514ba1f3")]
    [InlineData("colour=blue")]
    [InlineData("vf_token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3 vf_token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3")]
    public void Options_that_make_no_sense_are_refused(string options)
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);

        machine.Bound.TryOpen(out _, options).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void A_token_where_there_is_no_use_for_one_is_an_error()
    {
        using OpenNic nic = new(KernelProfile.Linux6_1);

        nic.File.Device.TryOpen(out _, $"vf_token={Other}").Errno.Should().Be(Errno.EINVAL);
        nic.File.SetVfToken(Other).Errno.Should().Be(Errno.ENOTTY);
    }

    [Fact]
    public void The_feature_checks_what_it_is_given()
    {
        using SriovMachine machine = new(KernelProfile.PreRfc);
        VfioDeviceFile file = machine.Bound.Open();
        VfioFeatureRequest whole = new(VfioFeature.PciVfToken, VfioFeatureFlags.Set) { Token = Other };

        file.Feature(whole with { ArgumentSize = VfioFeatureRequest.HeaderSize + 15 }).Errno.Should().Be(Errno.EINVAL);
        file.Feature(whole with { Token = null, ArgumentSize = VfioFeatureRequest.HeaderSize + 16 })
            .Errno.Should().Be(Errno.EFAULT);
        file.Feature(new VfioFeatureRequest(VfioFeature.PciVfToken, VfioFeatureFlags.Get))
            .Errno.Should().Be(Errno.EINVAL, "the token of an earlier user is nobody's business");
        file.Feature(whole).Should().Be(KernelResult.Success);
    }

    private static Errno? Try(VfioPciDevice device, Guid? token) =>
        device.TryOpen(out _, token is null ? "" : $"vf_token={token}") is { IsError: true } result ? result.Errno : null;
}
