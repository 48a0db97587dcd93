using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

public sealed class RegionPropertyTests
{
    private const int Size = 0x2_0000;
    private const int Longest = 40;

    private static readonly FsCheck.Config Repeatable =
        FsCheck.Config.QuickThrowOnFailure.WithReplay(20211115, 1).WithQuietOnSuccess(true);

    // Around the beginning and the end, where accesses meet and are cut short.
    private static readonly Gen<int> Offsets = Gen.OneOf(Gen.Choose(0, 2 * Longest), Gen.Choose(Size - Longest, Size + 8));

    private static readonly Gen<(int Offset, byte[] Data)> Writes =
        from offset in Offsets
        from data in Gen.Choose(0, byte.MaxValue).ListOf()
        select (offset, data.Take(Longest).Select(value => (byte)value).ToArray());

    private static readonly Gen<Action<OpenedDevice>> Steps = Gen.Elements<Action<OpenedDevice>>(
        device => device.SetCommand(0),
        device => device.SetCommand(PciRegisters.CommandMemory),
        device => device.File.Config.WritePmcsrState(PowerState.D3Hot),
        device => device.File.Config.WritePmcsrState(PowerState.D0),
        device => device.Host.Clock.Advance(TimeSpan.FromSeconds(2)),
        device => device.File.Mappings[0].Read(8, 4),
        device => device.File.Mappings[0].Write(OpenedDevice.VlanType, 4, 0x1234),
        device => device.File.GetRegionInfo(VfioRegion.Rom, out _));

    [Fact]
    public void A_BAR_is_its_bytes_however_they_are_written_and_read() =>
        Prop.ForAll(
            Arb.From(Gen.ListOf(Writes)),
            Arb.From(Writes),
            (writes, probe) =>
            {
                VfioDeviceFile file = new OpenedDevice(setup: memory => memory.WithRegisters(new RamRegisters())).File;
                byte[] expected = new byte[Size];
                foreach ((int offset, byte[] data) in writes)
                {
                    int taken = file.Write(OpenedDevice.MemoryBar, offset, data).Value;
                    if (taken != Inside(offset, data.Length))
                    {
                        return false;
                    }

                    data.AsSpan(0, Math.Max(taken, 0)).CopyTo(expected.AsSpan(Math.Min(offset, Size)));
                }

                byte[] buffer = new byte[probe.Data.Length];
                int read = file.Read(OpenedDevice.MemoryBar, probe.Offset, buffer).Value;
                return read == Inside(probe.Offset, buffer.Length)
                    && (read <= 0 || buffer.AsSpan(0, read).SequenceEqual(expected.AsSpan(probe.Offset, read)));
            }).Check(Repeatable);

    [Theory]
    [InlineData("pre-rfc")]
    [InlineData("rfc-v1")]
    [InlineData("linux-6.1")]
    public void A_mapping_faults_where_a_read_fails_whatever_was_done_before(string profile) =>
        Prop.ForAll(
            Arb.From(Gen.ListOf(Steps)),
            steps =>
            {
                OpenedDevice device = new(KernelProfile.Parse(profile));
                VfioMapping mapping = device.File.Map(OpenedDevice.MemoryBar, 0, OpenedDevice.Page);
                foreach (Action<OpenedDevice> step in steps)
                {
                    step(device);
                }

                bool faults = mapping.Read(8, 4).IsFault;
                bool fails = device.File.Read(OpenedDevice.MemoryBar, 8, new byte[4]).Errno == Errno.EIO;
                return faults == fails;
            }).Check(Repeatable);

    private static int Inside(int offset, int length) =>
        length == 0 ? 0 : offset >= Size ? -(int)Errno.EINVAL : Math.Min(length, Size - offset);
}
