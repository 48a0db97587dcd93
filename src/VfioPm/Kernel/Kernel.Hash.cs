namespace VfioPm;

// What tells its state, and its threads, from others.
public sealed partial class Kernel
{
    // More threads than that are in no kernel's calls at once.
    private const int BitsOfPlace = 10;

    /// <summary>
    /// What tells a thread from others: how many that are about the same part of the machine come before it; -1 where it is in no call.
    /// </summary>
    internal int PlaceOf(KernelThread thread)
    {
        int part = PartOf(thread);
        int place = 0;
        foreach (KernelThread other in _threads)
        {
            if (other == thread)
            {
                return (part << BitsOfPlace) | place;
            }

            place += PartOf(other) == part ? 1 : 0;
        }

        return -1;
    }

    /// <summary>The part of the machine that a thread is about.</summary>
    private int PartOf(KernelThread thread) => Clock.Parts.PartOf(thread.HostDevice);

    /// <summary>A number that no other kernel of the machine gives to what it numbers so.</summary>
    internal int NumberOf(int index) => (Index << 20) | index;

    internal void AddTo(ref StateHash hash)
    {
        if (Current is not null)
        {
            throw new InvalidOperationException("A host has no state to hash inside a call that it is carrying out.");
        }

        hash.AddKindOf(Scheduler);
        hash.Add(Clock.Order == this);
        hash.Add(GivesWay);
        hash.Add(WokenCallersPreempt);
        hash.Add(MsleepAddsTick);
        hash.Add(JiffiesAtBoot);
        for (int part = 1; part <= Clock.Parts.Last; part++)
        {
            AddThreadsTo(ref hash, part);
        }
    }

    private void AddThreadsTo(ref StateHash hash, int part)
    {
        foreach (KernelThread thread in _threads)
        {
            if (Clock.Parts.Concerns(part, thread.HostDevice))
            {
                hash.Add(true);
                thread.AddTo(ref hash);
            }
        }

        hash.Add(false);
    }
}
