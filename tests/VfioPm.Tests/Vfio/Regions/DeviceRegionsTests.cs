using System.Text.Json;

namespace VfioPm.Tests;

public sealed class DeviceRegionsTests
{
    private const uint Enough = 4096;

    [Theory]
    [InlineData("linux-6.1", "a")]
    [InlineData("linux-6.1", "c")]
    [InlineData("linux-6.1", "d")]
    [InlineData("linux-6.1", "h")]
    public void Region_info_is_as_recorded(string profile, string topology)
    {
        ConfigurationRecording recording = ConfigurationRecording.Of(
            new RecordingArchive($"{profile}/{topology}").TextOf("info-all"));
        PciFunction function = new(new VirtualClock(), recording.Image);
        DeviceRegions regions = RegionsOf(function);
        int compared = 0;

        foreach (JsonElement step in recording.Events.Where(IsIoctlWithArgument))
        {
            uint argumentSize = step.TryGetProperty("argsz", out JsonElement given) ? given.GetUInt32() : Enough;
            Dictionary<string, long> played = RegionInfo(regions, step.GetProperty("index").GetUInt32(), argumentSize);

            played.Should().Equal(Numbers(step, [.. played.Keys]), step.ToString()[..80]);
            compared++;
        }

        compared.Should().Be(13);
    }

    [Theory]
    [InlineData(0, 0x0, 0x1000, true)]
    [InlineData(0, 0x1, 0x1000, false)]
    [InlineData(0, 0x20000, 0x1000, false)]
    [InlineData(2, 0x0, 0x1000, false)]
    [InlineData(5, 0x0, 0x1000, false)]
    [InlineData(6, 0x0, 0x1000, false)]
    [InlineData(7, 0x0, 0x1000, false)]
    public void Only_pages_of_memory_BARs_can_be_mapped(int index, ulong offset, ulong length, bool isMappable)
    {
        ConfigurationRecording recording = ConfigurationRecording.Of(
            new RecordingArchive("linux-6.1/a").TextOf("info-all"));
        DeviceRegions regions = RegionsOf(new PciFunction(new VirtualClock(), recording.Image));

        regions.CheckMapping(index, offset, length).Should().Be(isMappable ? 0 : -Errno.EINVAL);
    }

    // The ROMs of the recorded machines hold an image; whether one does is measured elsewhere.
    private static Dictionary<string, long> RegionInfo(DeviceRegions regions, uint index, uint argumentSize)
    {
        int result = regions.GetInfo(
            index, argumentSize, isRomThere: regions.SizeOf(VfioRegion.Rom) != 0, out VfioRegionInfo info);
        return result < 0 ? Failed(result) : new Dictionary<string, long>
        {
            ["ret"] = 0,
            ["flags"] = (long)info.Flags,
            ["size"] = (long)info.Size,
            ["offset"] = (long)info.Offset,
            ["out_argsz"] = info.ArgumentSize,
        };
    }

    private static DeviceRegions RegionsOf(PciFunction function) => new(
        new FunctionFacts { VendorId = 0, DeviceId = 0, Bars = new BarResources(function) },
        function.Configuration.Size,
        MsiXTable.Of(function));

    private static bool IsIoctlWithArgument(JsonElement step) =>
        step.GetProperty("op").GetString() == "region_info" && !step.TryGetProperty("arg", out _);

    private static Dictionary<string, long> Failed(int result) => new() { ["ret"] = result };

    private static Dictionary<string, long> Numbers(JsonElement step, IEnumerable<string> names) => names
        .ToDictionary(name => name, name => step.GetProperty(name).GetInt64());
}
