namespace VfioPm;

/// <summary>
/// Asks whether an unused device may sleep, and suspends it if nobody objects (<c>rpm_idle()</c>). It never
/// waits for another operation.
/// </summary>
internal sealed class IdleRoutine : Routine
{
    public static readonly IdleRoutine Instance = new();

    private enum Steps
    {
        Begin,
        CallbackReturned,
        SuspendReturned,
    }

    public override Flow Step(Actor actor, ref Activation self) => (Steps)self.At switch
    {
        Steps.Begin => Begin(actor, ref self),
        Steps.CallbackReturned => AfterCallback(actor, ref self),
        _ => Flow.Return(self.Returned),
    };

    private static Flow Begin(Actor actor, ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        device.TraceCall(RpmTracepoint.Idle, self.Flags);
        KernelResult verdict = Check(device, self.Flags);
        if (verdict.Value != 0)
        {
            return Leave(actor, ref self, verdict.Value);
        }

        device.Request = RuntimePmRequest.None;
        if (device.HasNoCallbacks || !device.Callbacks.Has(RuntimePmCallback.Idle))
        {
            return Leave(actor, ref self, 0);
        }

        if (self.Flags.Has(RpmFlags.Async))
        {
            device.Queue(RuntimePmRequest.Idle);
            device.TraceReturn(RpmTracepoint.Idle, 0);
            return Flow.Return(0);
        }

        device.IdleNotification = true;
        self.At = (int)Steps.CallbackReturned;
        return actor.Call(InvokeRoutine.Instance, device, argument: (int)RuntimePmCallback.Idle);
    }

    private static KernelResult Check(RuntimePmDevice device, RpmFlags flags)
    {
        KernelResult allowed = device.CheckSuspendAllowed();
        bool mayBeSuspended = device.Core.Rules.PutOfSuspendedDeviceSucceeds && flags.Has(RpmFlags.GetPut);
        if (allowed.IsError || (allowed.Value == 1 && mayBeSuspended))
        {
            return allowed;
        }

        bool somethingElseIsPending = device.RequestPending && device.Request > RuntimePmRequest.Idle;
        return device.Status != RuntimeStatus.Active || somethingElseIsPending ? Errno.EAGAIN
            : device.IdleNotification ? Errno.EINPROGRESS
            : KernelResult.Success;
    }

    private static Flow AfterCallback(Actor actor, ref Activation self)
    {
        self.Device.IdleNotification = false;
        self.Device.WakeWaiters();
        return Leave(actor, ref self, self.Returned);
    }

    /// <summary>Without an objection the device autosuspends, and what that returns is the result.</summary>
    private static Flow Leave(Actor actor, ref Activation self, int result)
    {
        self.Device.TraceReturn(RpmTracepoint.Idle, result);
        if (result != 0)
        {
            return Flow.Return(result);
        }

        self.At = (int)Steps.SuspendReturned;
        return actor.Call(SuspendRoutine.Instance, self.Device, self.Flags | RpmFlags.Auto);
    }
}
