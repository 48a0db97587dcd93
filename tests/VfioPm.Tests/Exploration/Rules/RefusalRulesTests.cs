namespace VfioPm.Tests;

/// <summary>A refused call that changed something is a finding, whatever of what its user sees that is.</summary>
public sealed class RefusalRulesTests : IDisposable
{
    private readonly SimulatedHost _host = StandardTopology.Parse("b").Make(KernelProfile.Linux6_1);
    private readonly VfioDeviceFile _file;

    public RefusalRulesTests()
    {
        _file = _host.VfioPci.Devices[0].Open();
        _file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        _file.EnableIrqs(VfioIrqIndex.Intx, new EventFd()).Should().Succeed();
    }

    private static Dictionary<string, Action<VfioDeviceFile>> Changes => new()
    {
        ["went from D0 to D3Hot"] = static file => file.Config.WritePmcsrState(PowerState.D3Hot),
        ["lost its memory"] = static file => file.Config.Write(PciRegisters.Command, 2, 0),
        ["went from Intx to no interrupt"] = static file => file.DisableIrqs(VfioIrqIndex.Intx),
        ["has INTx masked"] = static file => file.MaskIntx(),
        ["may sleep"] = static file =>
        {
            file.Device.Pci.Sysfs.Write("power/control", "on");
            file.EnterLowPower();
        },
    };

    public static TheoryData<string> All => [.. Changes.Keys];

    public void Dispose() => _host.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void What_a_refused_call_changed_is_told(string change)
    {
        UsersView before = UsersView.Of(_host);
        Changes[change](_file);

        Look(Errno.EBUSY, before).Should().Be($"call was refused (-EBUSY), and 0000:01:00.0 {change}");
    }

    [Fact]
    public void A_call_that_was_carried_out_may_change_anything()
    {
        UsersView before = UsersView.Of(_host);
        Changes["lost its memory"](_file);

        Look(KernelResult.Success, before).Should().BeNull();
    }

    [Fact]
    public void A_refused_call_that_changed_nothing_is_as_it_should_be() =>
        Look(Errno.EBUSY, UsersView.Of(_host)).Should().BeNull();

    private string? Look(KernelResult result, UsersView before)
    {
        Moment moment = new(_host);
        moment.Add(new CallReturn("call", result, before));
        return Rules.RefusalChangesNothing.Begin(_host).Look(moment);
    }
}
