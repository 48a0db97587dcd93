namespace VfioPm;

/// <summary>
/// Runs a suspend or resume callback with what goes around it (<c>rpm_callback()</c>): suppliers come up before
/// a resume and are let go after a suspend or a failed resume, and an error sticks to the device. The argument
/// is the <see cref="RuntimePmCallback"/>.
/// </summary>
internal sealed class CallbackRoutine : Routine
{
    public static readonly CallbackRoutine Instance = new();

    private enum Steps
    {
        Begin,
        SuppliersAreUp,
        CallbackReturned,
    }

    public override Flow Step(Actor actor, ref Activation self) => (Steps)self.At switch
    {
        Steps.Begin => Begin(actor, ref self),
        Steps.SuppliersAreUp => InvokeUnlessFailed(actor, ref self),
        _ => AfterCallback(self.Device, (RuntimePmCallback)self.Argument, self.Returned),
    };

    private static Flow Begin(Actor actor, ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        var callback = (RuntimePmCallback)self.Argument;
        if (device.Core.Rules.MissingCallbackFails && !device.Callbacks.Has(callback))
        {
            return Flow.Return(Errno.ENOSYS);
        }

        if (!MindsSuppliers(device) || callback != RuntimePmCallback.Resume)
        {
            return Invoke(actor, ref self);
        }

        self.At = (int)Steps.SuppliersAreUp;
        return actor.Call(GetSuppliersRoutine.Instance, device);
    }

    private static Flow InvokeUnlessFailed(Actor actor, ref Activation self)
    {
        if (self.Returned == 0)
        {
            return Invoke(actor, ref self);
        }

        self.Device.PutSuppliers();
        return Settle(self.Device, RuntimePmCallback.Resume, self.Returned);
    }

    private static Flow Invoke(Actor actor, ref Activation self)
    {
        self.At = (int)Steps.CallbackReturned;
        if (self.Device.Callbacks.Has((RuntimePmCallback)self.Argument))
        {
            return actor.Call(InvokeRoutine.Instance, self.Device, argument: self.Argument);
        }

        self.Returned = 0;
        return Flow.Next;
    }

    private static Flow AfterCallback(RuntimePmDevice device, RuntimePmCallback callback, int result)
    {
        bool sleeps = callback == RuntimePmCallback.Suspend ? result == 0 : result != 0;
        if (sleeps && MindsSuppliers(device))
        {
            device.ReleaseSuppliers();
        }

        return Settle(device, callback, result);
    }

    /// <summary>Keeps the error on the device, and decides what the caller is told.</summary>
    private static Flow Settle(RuntimePmDevice device, RuntimePmCallback callback, KernelResult value)
    {
        RuntimePmRules rules = device.Core.Rules;
        bool isDenied = value.Errno == Errno.EACCES;
        bool sticks = !(isDenied && rules.CallbackAccessErrorIsTransient)
            && !(callback == RuntimePmCallback.Resume && rules.FailedResumeMayBeRetried);
        device.RuntimeError = sticks ? value : KernelResult.Success;

        // -EACCES means "runtime PM is disabled" to callers, so a callback's is told as something else.
        return Flow.Return(!isDenied ? value : rules.CallbackAccessErrorIsTransient ? Errno.EAGAIN : Errno.EIO);
    }

    /// <summary>Suppliers cannot be waited for with interrupts disabled.</summary>
    private static bool MindsSuppliers(RuntimePmDevice device) => device.LinksCount != 0 && !device.IsIrqSafe;
}
