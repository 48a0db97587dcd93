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
    /// Somebody of user space is about to call: where that is frozen, he does so when it is thawed, and time passes until then.
    /// </summary>
    /// <exception cref="SimulationDeadlockException">It never is.</exception>
    internal void AwaitThaw()
    {
        if (IsFrozenOutside && !Clock.RunUntil(() => !IsFrozenOutside))
        {
            throw new SimulationDeadlockException(Deadlock.Describe(this));
        }
    }

    /// <summary>The same for who would not wait for his call.</summary>
    /// <exception cref="InvalidOperationException">User space is frozen.</exception>
    internal void CheckThawed()
    {
        if (IsFrozenOutside)
        {
            throw new InvalidOperationException("User space is frozen, since the machine goes to sleep: nobody can begin a call before it is awake.");
        }
    }

    // What a driver does in the middle of a call is no user's.
    private bool IsFrozenOutside => (Clock.Frozen & Frozen.Users) != 0 && Clock.Calls.Innermost is null;
}
