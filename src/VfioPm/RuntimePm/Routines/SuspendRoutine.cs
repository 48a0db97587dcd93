namespace VfioPm;

/// <summary>Suspends a device, or asks for it (<c>rpm_suspend()</c>).</summary>
internal sealed class SuspendRoutine : Routine
{
    public static readonly SuspendRoutine Instance = new();

    private enum Steps
    {
        Begin,
        Check,
        CallbackReturned,
        DeferredResumeReturned,
        AskSuppliers,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        switch ((Steps)self.At)
        {
            case Steps.Begin:
                self.Device.TraceCall(RpmTracepoint.Suspend, self.Flags);
                self.At = (int)Steps.Check;
                return Flow.Next;
            case Steps.Check:
                return Check(actor, ref self);
            case Steps.CallbackReturned:
                return self.Returned == 0 ? Suspended(actor, ref self) : Failed(ref self, self.Returned);
            case Steps.DeferredResumeReturned:
                return Leave(self.Device, Errno.EAGAIN);
            default:
                self.Device.AskSuppliersToIdle();
                return Leave(self.Device, 0);
        }
    }

    private static Flow Check(Actor actor, ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        bool isAsync = self.Flags.Has(RpmFlags.Async);
        KernelResult allowed = device.CheckSuspendAllowed();
        if (!allowed.IsError && device.Status == RuntimeStatus.Resuming && !isAsync)
        {
            allowed = Errno.EAGAIN;
        }

        if (allowed.Value != 0)
        {
            return Leave(device, allowed);
        }

        if (self.Flags.Has(RpmFlags.Auto)
            && device.Status != RuntimeStatus.Suspending
            && device.AutosuspendExpiration is { } expires)
        {
            device.Request = RuntimePmRequest.None;
            device.ArmAutosuspendTimer(expires);
            return Leave(device, 0);
        }

        device.CancelPending();
        if (device.Status == RuntimeStatus.Suspending)
        {
            return isAsync || self.Flags.Has(RpmFlags.NoWait) ? Leave(device, Errno.EINPROGRESS) : Flow.Wait;
        }

        if (device.HasNoCallbacks)
        {
            return Suspended(actor, ref self);
        }

        if (isAsync)
        {
            bool auto = self.Flags.Has(RpmFlags.Auto);
            device.Queue(auto ? RuntimePmRequest.Autosuspend : RuntimePmRequest.Suspend);
            return Leave(device, 0);
        }

        device.SetStatus(RuntimeStatus.Suspending);
        self.At = (int)Steps.CallbackReturned;
        return actor.Call(CallbackRoutine.Instance, device, argument: (int)RuntimePmCallback.Suspend);
    }

    private static Flow Suspended(Actor actor, ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        device.SetStatus(RuntimeStatus.Suspended);
        device.DeactivateTimer();
        device.Parent?.DropActiveChild();
        device.WakeWaiters();
        if (device.DeferredResume)
        {
            device.DeferredResume = false;
            self.At = (int)Steps.DeferredResumeReturned;
            return actor.Call(ResumeRoutine.Instance, device);
        }

        // An irq-safe device holds its parent for ever and leaves its suppliers alone.
        if (device.IsIrqSafe)
        {
            return Leave(device, 0);
        }

        if (device.Parent is { IgnoresChildren: false } parent)
        {
            parent.RequestIdle();
        }

        if (device.LinksCount == 0)
        {
            return Leave(device, 0);
        }

        self.At = (int)Steps.AskSuppliers;
        return Flow.Unlock;
    }

    private static Flow Failed(ref Activation self, KernelResult error)
    {
        RuntimePmDevice device = self.Device;
        device.SetStatus(RuntimeStatus.Active);
        device.DeferredResume = false;
        device.WakeWaiters();
        if (!error.IsTransient)
        {
            device.CancelPending();
            return Leave(device, error);
        }

        device.RuntimeError = KernelResult.Success;

        // A callback that said "busy" and marked the device so gets a new delay.
        if (self.Flags.Has(RpmFlags.Auto) && device.AutosuspendExpiration is not null)
        {
            self.At = (int)Steps.Check;
            return Flow.Next;
        }

        return Leave(device, error);
    }

    private static Flow Leave(RuntimePmDevice device, KernelResult result)
    {
        device.TraceReturn(RpmTracepoint.Suspend, result.Value);
        return Flow.Return(result);
    }
}
