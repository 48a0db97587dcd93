using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

/// <summary>Something that happens in the life of a guest with one device.</summary>
internal enum GuestLife
{
    GoIdle,
    Use,
    TimePasses,
    TouchMemory,
    WriteInterruptLine,
    WriteControl,
    HostLooks,
    Reboot,
    Reset,
}

/// <param name="What">What happens.</param>
/// <param name="Number">How many milliseconds pass, or what is written.</param>
internal readonly record struct GuestLifeStep(GuestLife What, int Number)
{
    private static readonly Gen<GuestLife> Usually = Gen.Frequency(
        (6, Gen.Constant(GuestLife.GoIdle)),
        (4, Gen.Constant(GuestLife.Use)),
        (8, Gen.Constant(GuestLife.TimePasses)),
        (2, Gen.Elements(Enum.GetValues<GuestLife>())));

    // Mostly long enough to sleep; else anywhere in the middle of it.
    private static readonly Gen<int> Numbers = Gen.Frequency((2, Gen.Choose(0, 1200)), (1, Gen.Choose(1200, 4000)));

    private static readonly Gen<GuestLifeStep> Any =
        from what in Usually
        from number in Numbers
        select new GuestLifeStep(what, number);

    public static Arbitrary<GuestLifeStep[]> Sequences { get; } = Arb.From(Any.ArrayOf());

    public void Do(SimulatedHost host)
    {
        LinuxGuest guest = host.Guests[0];
        switch (What)
        {
            case GuestLife.GoIdle:
                guest.Driver.GoIdle();
                break;
            case GuestLife.Use:
                guest.Driver.Use();
                break;
            case GuestLife.TouchMemory:
                guest.Driver.ReadMemory(0, 0, 4);
                break;
            case GuestLife.WriteInterruptLine:
                // A driver writes registers while it uses the device.
                bool wasBusy = guest.Driver.IsBusy;
                guest.Driver.Use();
                guest.Device.Virtual.File.Config.Write(PciRegisters.InterruptLine, 1, (byte)Number);
                if (!wasBusy)
                {
                    guest.Driver.GoIdle();
                }

                break;
            case GuestLife.WriteControl:
                guest.Device.Sysfs.Write("power/control", Number % 2 == 0 ? "auto" : "on");
                break;
            case GuestLife.HostLooks:
                host[Machine.NicAddress].HostConfig.Read(0, new byte[4]);
                break;
            case GuestLife.Reboot:
                guest.Reboot();
                break;
            case GuestLife.Reset:
                guest.Reset();
                break;
            default:
                host.Clock.Advance(TimeSpan.FromMilliseconds(Number));
                break;
        }
    }
}
