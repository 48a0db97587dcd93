using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>One run of a <see cref="Routine"/>: its arguments, where it stands, and its local variables.</summary>
internal struct Activation(Routine routine, RuntimePmDevice device, RpmFlags flags, int argument)
{
    public readonly Routine Routine = routine;
    public readonly RuntimePmDevice Device = device;
    public readonly RpmFlags Flags = flags;

    /// <summary>A number whose meaning is the routine's: which callback, which new value.</summary>
    public readonly int Argument = argument;

    /// <summary>The step that comes next; zero at the beginning.</summary>
    public int At;

    /// <summary>What the last called routine returned.</summary>
    public int Returned;

    /// <summary>The return value so far.</summary>
    public int Result;

    /// <summary>A position in the device's supplier links, or the stage of a callback.</summary>
    public int Position;

    /// <summary>Whether the run holds a reference that it has to drop at its end.</summary>
    public bool HoldsReference;

    public readonly Activation Fork(ForkContext fork) =>
        new(Routine, fork.Of(Device), Flags, Argument)
        {
            At = At,
            Returned = Returned,
            Result = Result,
            Position = Position,
            HoldsReference = HoldsReference,
        };

    public readonly void AddTo(ref StateHash hash)
    {
        hash.Add(MemoryMarshal.AsBytes(Routine.GetType().Name.AsSpan()));
        hash.Add(Device.Index);
        hash.Add((int)Flags);
        hash.Add(Argument);
        hash.Add(At);
        hash.Add(Returned);
        hash.Add(Result);
        hash.Add(Position);
        hash.Add(HoldsReference);
    }
}
