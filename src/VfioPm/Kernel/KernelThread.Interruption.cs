namespace VfioPm;

/// <content>What the thread's call interrupted.</content>
public sealed partial class KernelThread
{
    private Interruption _interrupted;

    /// <summary>What its call interrupted, until that is over or has to wait.</summary>
    internal ref Interruption Interrupted => ref _interrupted;

    /// <summary>
    /// What went on when somebody made a call into the kernel, and goes on when that is over or has to wait: another call, where
    /// time passes in the middle of it.
    /// </summary>
    /// <remarks>
    /// Mostly nothing did, and a null that is not stored costs no write barrier. What a worker finds is the clock's, which brings it
    /// back itself.
    /// </remarks>
    internal struct Interruption
    {
        private Horizon _horizon;
        private Cause? _cause;

        /// <summary>The thread of the same kernel that ran.</summary>
        public KernelThread? Thread { get; private set; }

        /// <summary>The call that was being carried out, in this kernel or another.</summary>
        public ICallUnderWay? Call { get; private set; }

        /// <summary>A thread runs from now on instead.</summary>
        public void By(KernelThread thread)
        {
            Kernel kernel = thread._kernel;
            VirtualClock clock = kernel.Clock;
            if (!thread.IsWorker)
            {
                _horizon = clock.Horizon;
                if (clock.Cause is { } cause)
                {
                    _cause = cause;
                }
            }

            if (clock.Calls.Innermost is { } call)
            {
                Call = call;
                Thread = kernel.Current;
            }

            kernel.Current = thread;
            clock.Calls.Innermost = thread;
        }

        /// <summary>It goes on.</summary>
        public void GoesOn(KernelThread instead)
        {
            Kernel kernel = instead._kernel;
            VirtualClock clock = kernel.Clock;
            if (!instead.IsWorker)
            {
                clock.Horizon = _horizon;
                clock.Cause = _cause is { } cause ? cause : null;
            }

            clock.Calls.Innermost = Call is { } call ? call : null;
            kernel.Current = Thread is { } thread ? thread : null;
            this = default;
        }
    }
}
