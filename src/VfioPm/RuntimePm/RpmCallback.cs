using System.Runtime.ExceptionServices;

namespace VfioPm;

// The callbacks, and the suppliers that are held while a device is awake.
internal static partial class Rpm
{
    /// <summary>
    /// What comes of a callback that a test wrote and that threw: the kernel's code for a call that a signal interrupts
    /// (-ERESTARTSYS), which no driver returns here. It is no error of a device, so it sticks to none.
    /// </summary>
    private static readonly KernelResult Interrupted = new(-512);

    /// <summary>
    /// Runs a suspend or resume callback with what goes around it (<c>rpm_callback()</c>, <c>__rpm_callback()</c>): suppliers
    /// come up before a resume and are let go after a suspend or a failed resume, and an error sticks to the device.
    /// </summary>
    /// <returns>What the caller is told.</returns>
    private static async KernelCall<KernelResult> Callback(RuntimePmDevice device, RuntimePmCallback callback)
    {
        bool isThere = device.HasCallback(callback);
        if (!isThere && device.Core.Rules.MissingCallbackFails)
        {
            return Errno.ENOSYS;
        }

        bool isResume = callback == RuntimePmCallback.Resume;
        if (isResume && MindsSuppliers(device))
        {
            KernelResult error = await GetSuppliers(device);
            if (error.Value != 0)
            {
                await PutSuppliers(device);
                return Settle(device, isResume, error);
            }
        }

        KernelResult result = isThere ? await Invoke(device, callback) : KernelResult.Success;
        bool sleeps = isResume ? result.Value != 0 : result.Value == 0;
        if (sleeps && MindsSuppliers(device))
        {
            device.ReleaseSuppliers();
        }

        return Settle(device, isResume, result);
    }

    /// <summary>The call of a callback itself.</summary>
    /// <returns>What it returned; <see cref="Interrupted"/> where it is a test's own and threw.</returns>
    public static KernelCall<KernelResult> Invoke(RuntimePmDevice device, RuntimePmCallback callback)
    {
        KernelWait unlocked = device.IsIrqSafe ? KernelWait.Over : device.Unlocked();
        return unlocked.IsCompleted ? InvokeNow(device, callback) : InvokeAfter(unlocked, device, callback);
    }

    private static async KernelCall<KernelResult> InvokeAfter(
        KernelWait unlocked, RuntimePmDevice device, RuntimePmCallback callback)
    {
        await unlocked;
        return await InvokeNow(device, callback);
    }

    private static KernelCall<KernelResult> InvokeNow(RuntimePmDevice device, RuntimePmCallback callback)
    {
        try
        {
            KernelCall<KernelResult> call = device.Callbacks.Invoke(callback, device);
            return call.Frame is null ? call : AwaitCallback(device, call);
        }
        catch (Exception thrown)
        {
            return Interrupt(device, thrown);
        }
    }

    private static async KernelCall<KernelResult> AwaitCallback(RuntimePmDevice device, KernelCall<KernelResult> call)
    {
        try
        {
            return await call;
        }
        catch (Exception thrown)
        {
            return Interrupt(device, thrown);
        }
    }

    private static KernelResult Interrupt(RuntimePmDevice device, Exception thrown)
    {
        if (!device.Core.Clock.Calls.Keep(thrown))
        {
            ExceptionDispatchInfo.Throw(thrown);
        }

        return Interrupted;
    }

    /// <summary>Resumes and holds every supplier whose link manages runtime PM (<c>rpm_get_suppliers()</c>).</summary>
    public static async KernelCall<KernelResult> GetSuppliers(RuntimePmDevice device)
    {
        for (int i = 0; i < device.Suppliers.Count; i++)
        {
            DeviceLink link = device.Suppliers[i];
            if (!link.ManagesRuntimePm)
            {
                continue;
            }

            RuntimePmDevice supplier = link.Supplier;
            PmRuntime.GetNoResume(supplier);
            KernelResult answer = await Resume(supplier, RpmFlags.GetPut);
            i = device.PlaceOf(link, otherwise: i - 1);

            // A supplier without runtime PM is taken to be up.
            if (answer.IsError && answer.Errno != Errno.EACCES)
            {
                PmRuntime.PutNoIdle(supplier);
                return answer;
            }

            if (device.Suppliers.Contains(link))
            {
                link.RpmActive++;
            }
            else
            {
                // It was unmade meanwhile.
                PmRuntime.PutNoIdle(supplier);
            }
        }

        return KernelResult.Success;
    }

    /// <summary>Gives all references on the suppliers back and lets them sleep (<c>rpm_put_suppliers()</c>).</summary>
    public static async KernelCall PutSuppliers(RuntimePmDevice device)
    {
        for (int i = 0; i < device.Suppliers.Count; i++)
        {
            device.Suppliers[i].ReleaseSupplier();
            await Idle(device.Suppliers[i].Supplier, RpmFlags.Async);
        }
    }

    /// <summary><c>rpm_suspend_suppliers()</c>.</summary>
    private static async KernelCall SuspendSuppliers(RuntimePmDevice device)
    {
        for (int i = 0; i < device.Suppliers.Count; i++)
        {
            await Idle(device.Suppliers[i].Supplier, RpmFlags.Async);
        }
    }

    /// <summary>Keeps the error on the device, and decides what the caller is told.</summary>
    private static KernelResult Settle(RuntimePmDevice device, bool isResume, KernelResult value)
    {
        RuntimePmRules rules = device.Core.Rules;
        bool isDenied = value.Errno == Errno.EACCES;
        bool sticks = value != Interrupted && !(isDenied && rules.CallbackAccessErrorIsTransient) && !(isResume && rules.FailedResumeMayBeRetried);
        device.RuntimeError = sticks ? value : KernelResult.Success;

        // -EACCES means "runtime PM is disabled" to callers, so a callback's is told as something else.
        return !isDenied ? value : rules.CallbackAccessErrorIsTransient ? Errno.EAGAIN : Errno.EIO;
    }

    /// <summary>Suppliers cannot be waited for with interrupts disabled.</summary>
    private static bool MindsSuppliers(RuntimePmDevice device) => device.LinksCount != 0 && !device.IsIrqSafe;
}
