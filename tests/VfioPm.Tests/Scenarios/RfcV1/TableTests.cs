namespace VfioPm.Tests;

/// <summary>The table in the text of the RFC's first patch: function and bridge while nobody uses the device.</summary>
public sealed class TableTests
{
    public static TheoryData<bool, string, PowerState, PowerState> Table => new()
    {
        { false, "pre-rfc", PowerState.D3Hot, PowerState.D0 },
        { true, "pre-rfc", PowerState.D3Hot, PowerState.D0 },
        { false, "rfc-v1", PowerState.D3Hot, PowerState.D3Hot },
        { true, "rfc-v1", PowerState.D3Cold, PowerState.D3Cold },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void An_unused_function_and_the_bridge_above_sleep_as_deep_as_the_RFC_says(
        bool cutsPower, string profile, PowerState function, PowerState bridge)
    {
        Machine machine = new(KernelProfile.Parse(profile), cutsPower);

        _ = machine.Bind();
        machine.Settle();

        machine.Nic.Should().BeIn(function);
        machine.Port.Should().BeIn(bridge);
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void So_they_do_when_the_guest_asks_for_D3hot(
        bool cutsPower, string profile, PowerState function, PowerState bridge)
    {
        Machine machine = new(KernelProfile.Parse(profile), cutsPower);

        using VfioDeviceFile device = machine.OpenAndSleep();

        machine.Nic.Should().BeIn(function);
        machine.Port.Should().BeIn(bridge);
    }
}
