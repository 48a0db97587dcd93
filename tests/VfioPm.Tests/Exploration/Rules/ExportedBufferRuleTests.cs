namespace VfioPm.Tests;

/// <summary>What the rules about fences say of buffers that a user exported.</summary>
public sealed class ExportedBufferRuleTests : IDisposable
{
    private readonly OpenNic _nic = new(KernelProfile.Linux7_3);

    public ExportedBufferRuleTests() => _nic.File.Export(0, 0, 0x1000);

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void A_user_who_sleeps_and_wakes_in_D3hot_keeps_to_them() => Exploration.Of(_nic.Host)
        .Where("user", _nic.Host, user => user
            .Once(static host => File(host).Config.WritePmcsrState(PowerState.D3Hot), name: "D3hot")
            .Then(static host => File(host).Config.WritePmcsrState(PowerState.D0), name: "D0"))
        .Where("another", _nic.Host, another => another
            .Once(static host => File(host).Reset(), name: "reset"))
        .Always(Rules.FenceHolds, Rules.FenceLifted)
        .Run()
        .Should().HoldInEveryOrder();

    [Fact]
    public void A_buffer_that_can_be_had_in_D3hot_breaks_fence_holds()
    {
        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);
        Meddle(Rules.FenceHolds, static buffer => buffer.Restore())
            .Should().Contain("an exported buffer of 0000:01:00.0 reaches it in D3hot");
    }

    [Fact]
    public void A_buffer_that_can_be_had_without_decoding_breaks_fence_holds()
    {
        _nic.File.Config.Write(PciRegisters.Command, 2, 0);
        Meddle(Rules.FenceHolds, static buffer => buffer.Restore()).Should().Contain("with its memory disabled");
    }

    [Fact]
    public void A_buffer_that_stays_revoked_breaks_fence_lifted() =>
        Meddle(Rules.FenceLifted, static buffer => buffer.Revoke())
            .Should().Contain("a buffer that he exported is revoked");

    private string Meddle(Rule rule, Action<VfioDmaBuf> meddle) => Exploration.Of(_nic.Host)
        .Where("meddler", _nic.Host, meddler => meddler
            .Once(host => meddle(host.VfioPci.Devices[0].DmaBufs[0]), name: "meddle"))
        .Always(rule)
        .Run()
        .Findings.Should().ContainSingle().Subject.ToString()!;

    private static VfioDeviceFile File(SimulatedHost host) => host.VfioPci.Devices[0].Files[0];
}
