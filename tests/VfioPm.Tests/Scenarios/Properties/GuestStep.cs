using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

/// <summary>Something that a guest, its VMM, the host or time does.</summary>
internal enum GuestAction
{
    ReadConfig,
    WriteConfig,
    WritePowerState,
    ReadMemory,
    WriteMemory,
    EnterLowPower,
    ExitLowPower,
    Reset,
    HostReads,
    TimePasses,
}

/// <param name="Action">What is done.</param>
/// <param name="Offset">Where, or how many tenths of a second pass.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Value">What is written.</param>
internal readonly record struct GuestStep(GuestAction Action, int Offset, int Length, ulong Value)
{
    private const int Memory = 0;
    private const int PmcsrOfE1000E = 0xcc;

    // Anywhere, past the end too, but mostly where something happens.
    private static readonly Gen<int> Offsets = Gen.Frequency(
        (4, Gen.Choose(0, PciRegisters.HeaderSize)),
        (4, Gen.Choose(PmcsrOfE1000E - 6, PmcsrOfE1000E + 4)),
        (2, Gen.Choose(PciRegisters.HeaderSize, 0x100)),
        (1, Gen.Choose(0x100, PciRegisters.ExtendedSize + 2)));

    private static readonly Gen<ulong> Values = Gen.OneOf(
        Gen.Elements(0UL, 1UL, 2UL, 3UL, 4UL, 6UL, ulong.MaxValue),
        Gen.Choose(0, int.MaxValue).Select(value => (ulong)value * 0x1_0001_0001));

    private static readonly Gen<GuestStep> Any =
        from action in Gen.Elements(Enum.GetValues<GuestAction>())
        from offset in Offsets
        from length in Gen.Choose(1, 8)
        from value in Values
        select new GuestStep(action, offset, length, value);

    public static Arbitrary<GuestStep[]> Sequences { get; } = Arb.From(Any.ArrayOf());

    /// <summary>Does it.</summary>
    /// <returns>What the guest or the VMM sees of the answer.</returns>
    public string Do(SimulatedHost host, VfioDeviceFile file)
    {
        Span<byte> bytes = stackalloc byte[8];
        BitConverter.TryWriteBytes(bytes, Value);
        bytes = bytes[..Length];
        KernelResult result = 0;
        switch (Action)
        {
            case GuestAction.ReadConfig:
                result = file.Config.TryRead(Offset, bytes);
                break;
            case GuestAction.WriteConfig:
                result = file.Config.TryWrite(Offset, bytes);
                break;
            case GuestAction.WritePowerState:
                file.Config.WritePmcsrState((PowerState)(Value & 3));
                break;
            case GuestAction.ReadMemory:
                result = file.Read(Memory, Offset, bytes);
                break;
            case GuestAction.WriteMemory:
                result = file.Write(Memory, Offset, bytes);
                break;
            case GuestAction.EnterLowPower:
                result = file.EnterLowPower();
                break;
            case GuestAction.ExitLowPower:
                result = file.ExitLowPower();
                break;
            case GuestAction.Reset:
                result = file.Reset();
                break;
            case GuestAction.HostReads:
                result = host[Machine.NicAddress].HostConfig.Read(Offset, bytes);
                break;
            default:
                host.Clock.Advance(TimeSpan.FromSeconds((Offset % 30) / 10.0));
                break;
        }

        return $"{result} {Convert.ToHexString(bytes)}";
    }
}
