namespace VfioPm;

// Who stands still when the machine goes to sleep.
public sealed partial class Kernel
{
    /// <summary>Whether it is a guest's, and part of user space for the machine.</summary>
    internal bool IsGuest => Index > 0;

    /// <summary>How many beside the thread that runs are in the middle of a system call, and cannot be frozen there.</summary>
    internal int OtherCallers
    {
        get
        {
            int callers = 0;
            foreach (KernelThread thread in _threads)
            {
                callers += !thread.IsWorker && thread != Current ? 1 : 0;
            }

            return callers;
        }
    }

    /// <summary>
    /// Whether user space is frozen, and somebody of it would call; what a driver does in the middle of a call is no user's.
    /// </summary>
    internal bool IsFrozenOutside => (Clock.Frozen & Frozen.Users) != 0 && Clock.Calls.Innermost is null;
}
