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
    /// <remarks>What a worker finds is the clock's, which brings it back itself.</remarks>
    internal struct Interruption
    {
        // Mostly there is nothing, and a null that is not stored costs no write barrier.
        private bool _isAny;
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
            if (clock.Calls.Innermost is not null || (!thread.IsWorker && (clock.HasCause || clock.Horizon.IsAny)))
            {
                _isAny = true;
                _horizon = clock.Horizon;
                _cause = clock.Cause;
                Call = clock.Calls.Innermost;
                Thread = Call is null ? null : kernel.Current;
            }

            kernel.Current = thread;
            clock.Calls.Innermost = thread;
        }

        /// <summary>It goes on.</summary>
        public void GoesOn(KernelThread instead)
        {
            Kernel kernel = instead._kernel;
            VirtualClock clock = kernel.Clock;
            if (_isAny)
            {
                GoOn(kernel, clock, instead.IsWorker);
                return;
            }

            kernel.Current = null;
            clock.Calls.Innermost = null;
            if (!instead.IsWorker)
            {
                clock.Horizon = Horizon.None;
                clock.Cause = null;
            }
        }

        private void GoOn(Kernel kernel, VirtualClock clock, bool afterWorker)
        {
            kernel.Current = Thread;
            clock.Calls.Innermost = Call;
            if (!afterWorker)
            {
                clock.Horizon = _horizon;
                clock.Cause = _cause;
            }

            this = default;
        }
    }
}
