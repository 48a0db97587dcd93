namespace VfioPm;

/// <summary>
/// Resumes a device, or asks for it (<c>rpm_resume()</c>). The usage count plays no part: whoever asks gets it.
/// </summary>
internal sealed class ResumeRoutine : Routine
{
    public static readonly ResumeRoutine Instance = new();

    private enum Steps
    {
        Begin,
        Check,
        ParentAnswered,
        CallbackReturned,
        PutParent,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        switch ((Steps)self.At)
        {
            case Steps.Begin:
                self.Device.TraceCall(RpmTracepoint.Resume, self.Flags);
                self.At = (int)Steps.Check;
                return Flow.Next;
            case Steps.Check:
                return Check(actor, ref self);
            case Steps.ParentAnswered:
                return AfterParent(actor, ref self);
            case Steps.CallbackReturned:
                return self.Returned == 0 ? Resumed(ref self, 0) : Failed(ref self, self.Returned);
            default:
                self.Device.Parent!.Put();
                return Return(ref self);
        }
    }

    private static Flow Check(Actor actor, ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        KernelResult obstacle = ObstacleOf(device);
        if (obstacle.Value != 0)
        {
            return Leave(ref self, obstacle);
        }

        // An autosuspend timer is left running: stopping it only to start it again soon would be a waste.
        device.Request = RuntimePmRequest.None;
        if (!device.TimerAutosuspends)
        {
            device.DeactivateTimer();
        }

        return device.Status switch
        {
            RuntimeStatus.Active => Leave(ref self, 1),
            RuntimeStatus.Suspended => Wake(actor, ref self),
            _ => JoinOperationUnderWay(ref self),
        };
    }

    private static KernelResult ObstacleOf(RuntimePmDevice device) =>
        device.RuntimeError.Value != 0 ? Errno.EINVAL
        : device.IsEnabled ? KernelResult.Success
        : device.Core.Rules.DisabledActiveDeviceResumes
            && device is { Status: RuntimeStatus.Active, LastStatus: RuntimeStatus.Active } ? 1
        : Errno.EACCES;

    private static Flow JoinOperationUnderWay(ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        bool noWait = self.Flags.Has(RpmFlags.NoWait);
        if (!noWait && !self.Flags.Has(RpmFlags.Async))
        {
            return Flow.Wait;
        }

        if (device.Status != RuntimeStatus.Suspending)
        {
            return Leave(ref self, Errno.EINPROGRESS);
        }

        device.DeferredResume = true;
        return Leave(ref self, noWait ? Errno.EINPROGRESS : KernelResult.Success);
    }

    private static Flow Wake(Actor actor, ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        RuntimePmDevice? parent = device.Parent;

        // Without callbacks nothing can fail, so an active parent need not be asked.
        if (device.HasNoCallbacks && !self.HoldsReference && parent is not null
            && (!parent.IsEnabled || parent.IgnoresChildren || parent.Status == RuntimeStatus.Active))
        {
            parent.ChildCount++;
            return Resumed(ref self, 1);
        }

        if (self.Flags.Has(RpmFlags.Async))
        {
            device.Queue(RuntimePmRequest.Resume);
            return Leave(ref self, 0);
        }

        if (parent is not null && !self.HoldsReference)
        {
            self.HoldsReference = true;
            if (!device.IsIrqSafe)
            {
                return CallParent(actor, ref self, parent);
            }
        }

        if (device.HasNoCallbacks)
        {
            return Resumed(ref self, 0);
        }

        device.SetStatus(RuntimeStatus.Resuming);
        self.At = (int)Steps.CallbackReturned;
        return actor.Call(CallbackRoutine.Instance, device, argument: (int)RuntimePmCallback.Resume);
    }

    private static Flow CallParent(Actor actor, ref Activation self, RuntimePmDevice parent)
    {
        parent.GetNoResume();
        if (!parent.IsEnabled || parent.IgnoresChildren)
        {
            self.At = (int)Steps.Check;
            return Flow.Next;
        }

        self.At = (int)Steps.ParentAnswered;
        return actor.Call(ResumeRoutine.Instance, parent);
    }

    private static Flow AfterParent(Actor actor, ref Activation self)
    {
        if (self.Device.Parent!.Status != RuntimeStatus.Active)
        {
            return Leave(ref self, Errno.EBUSY);
        }

        // The parent took its time: look at everything again.
        self.At = (int)Steps.Check;
        return Flow.Next;
    }

    private static Flow Resumed(ref Activation self, int result)
    {
        RuntimePmDevice device = self.Device;
        device.SetStatus(RuntimeStatus.Active);
        device.MarkLastBusy();
        if (self.HoldsReference)
        {
            device.Parent!.ChildCount++;
        }

        return Settled(ref self, result);
    }

    private static Flow Failed(ref Activation self, int error)
    {
        self.Device.SetStatus(RuntimeStatus.Suspended);
        self.Device.CancelPending();
        return Settled(ref self, error);
    }

    private static Flow Settled(ref Activation self, int result)
    {
        self.Device.WakeWaiters();
        if (result >= 0)
        {
            self.Device.RequestIdle();
        }

        return Leave(ref self, result);
    }

    private static Flow Leave(ref Activation self, KernelResult result)
    {
        self.Result = result.Value;
        if (!self.HoldsReference || self.Device.IsIrqSafe)
        {
            return Return(ref self);
        }

        self.At = (int)Steps.PutParent;
        return Flow.Unlock;
    }

    private static Flow Return(ref Activation self)
    {
        self.Device.TraceReturn(RpmTracepoint.Resume, self.Result);
        return Flow.Return(self.Result);
    }
}
