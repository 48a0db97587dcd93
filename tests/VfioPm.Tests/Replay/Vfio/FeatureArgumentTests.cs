using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>
/// The argument of <c>VFIO_DEVICE_FEATURE</c> is a page of the recorder's, which the kernel reads as far as it needs.
/// </summary>
public sealed class FeatureArgumentTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux7_3);
    private readonly ScenarioHost _console;

    public FeatureArgumentTests()
    {
        PciDevice nic = _host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        VfioDeviceFile file = _host.VfioPci.Bind(nic).Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        _console = new ScenarioHost(_host, new Dictionary<string, string> { ["ep"] = "0000:01:00.0" });
    }

    public void Dispose() => _host.Dispose();

    /// <summary>BAR 0, no flags, a count of ranges, and one range of a page.</summary>
    [Theory]
    [InlineData("01000000", "", 3)]
    [InlineData("02000000", "", -22)] // The second range is zero, as is all behind the data.
    [InlineData("ffff0000", "", -14)] // So many do not fit in a page.
    [InlineData("00000000", "", -22)]
    [InlineData("01000000", " edge=1", -14)]
    [InlineData("01000000", " null=1", -14)]
    public void Ranges_to_export_are_read_as_far_as_memory_goes(string count, string where, int expected)
    {
        string data = $"000000000000000000000000{count}00000000000000000010000000000000";

        Do($"feature ep get 11 {data}{where}")["ret"]!.GetValue<int>().Should().Be(expected);
    }

    [Theory]
    [InlineData("wake", 0)]
    [InlineData("-1", -22)]
    [InlineData("bad", -9)]
    [InlineData("file", -22)]
    public void An_eventfd_has_a_number_for_as_long_as_the_kernel_reads_it(string eventFd, int expected)
    {
        Do($"feature ep set 4 efd={eventFd}")["ret"]!.GetValue<int>().Should().Be(expected);

        _host.VfioPci.Descriptors.Install(new EventFd()).Should().Be(3, "no number is in use");
    }

    private JsonObject Do(string line) => _console.Do(_console.Read(line).Single()).Event!;
}
