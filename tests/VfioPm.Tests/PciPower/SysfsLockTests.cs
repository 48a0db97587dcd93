namespace VfioPm.Tests;

/// <summary>What in sysfs waits for the device's lock (<c>control_store()</c>, <c>enable_store()</c>).</summary>
public sealed class SysfsLockTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly PciDevice _nic;

    public SysfsLockTests() =>
        _nic = _host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.E1000E);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("power/control", "on")]
    [InlineData("enable", "1")]
    public void Who_steers_a_device_waits_for_who_holds_it(string attribute, string value)
    {
        _nic.TryLock();
        PendingCall write = _nic.Sysfs.BeginWrite(attribute, value);

        write.WaitsFor.Should().Be("device_lock of 0000:01:00.0");

        _nic.Unlock();
        _host.Clock.RunPending();
        write.Result.Should().Be(KernelResult.Success);
        _nic.IsLocked.Should().BeFalse();
    }

    [Theory]
    [InlineData("power/wakeup", "disabled")]
    [InlineData("d3cold_allowed", "0")]
    public void Other_attributes_do_not_look_at_the_lock(string attribute, string value)
    {
        _nic.TryLock();

        _nic.Sysfs.BeginWrite(attribute, value).WaitsFor.Should().BeNull();
    }
}
