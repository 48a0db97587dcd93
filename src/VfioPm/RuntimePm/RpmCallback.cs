namespace VfioPm;

// The callbacks, and the suppliers that are held while a device is awake.
internal static partial class Rpm
{
    /// <summary>
    /// Runs a suspend or resume callback with what goes around it (<c>rpm_callback()</c>, <c>__rpm_callback()</c>): suppliers
    /// come up before a resume and are let go after a suspend or a failed resume, and an error sticks to the device.
    /// </summary>
    /// <returns>What the caller is told.</returns>
    private static async KernelCall<int> Callback(RuntimePmDevice device, RuntimePmCallback callback)
    {
        bool isThere = device.HasCallback(callback);
        if (!isThere && device.Core.Rules.MissingCallbackFails)
        {
            return -Errno.ENOSYS;
        }

        bool isResume = callback == RuntimePmCallback.Resume;
        if (isResume && MindsSuppliers(device))
        {
            int error = await GetSuppliers(device);
            if (error != 0)
            {
                await PutSuppliers(device);
                return Settle(device, isResume, error);
            }
        }

        int result = isThere ? await Invoke(device, callback) : 0;
        bool sleeps = isResume ? result != 0 : result == 0;
        if (sleeps && MindsSuppliers(device))
        {
            device.ReleaseSuppliers();
        }

        return Settle(device, isResume, result);
    }

    /// <summary>The call of a callback itself.</summary>
    /// <returns>What it returned; <see cref="CallsUnderWay.Interrupted"/> where it is a test's own and threw.</returns>
    public static KernelCall<int> Invoke(RuntimePmDevice device, RuntimePmCallback callback)
    {
        KernelWait unlocked = device.IsIrqSafe ? KernelWait.Over : device.Unlocked();
        return unlocked.IsCompleted ? InvokeNow(device, callback) : InvokeAfter(unlocked, device, callback);
    }

    private static async KernelCall<int> InvokeAfter(
        KernelWait unlocked, RuntimePmDevice device, RuntimePmCallback callback)
    {
        await unlocked;
        return await InvokeNow(device, callback);
    }

    private static KernelCall<int> InvokeNow(RuntimePmDevice device, RuntimePmCallback callback)
    {
        try
        {
            KernelCall<int> call = device.CallbacksFor(callback).Invoke(callback, device);
            return call.Frame is null ? call : AwaitCallback(device, call);
        }
        catch (Exception thrown)
        {
            return device.Core.Clock.Calls.Interrupt(thrown);
        }
    }

    private static async KernelCall<int> AwaitCallback(RuntimePmDevice device, KernelCall<int> call)
    {
        try
        {
            return await call;
        }
        catch (Exception thrown)
        {
            return device.Core.Clock.Calls.Interrupt(thrown);
        }
    }

    /// <summary>Resumes and holds every supplier whose link manages runtime PM (<c>rpm_get_suppliers()</c>).</summary>
    public static async KernelCall<int> GetSuppliers(RuntimePmDevice device)
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
            int answer = await Resume(supplier, RpmFlags.GetPut);
            i = device.PlaceOf(link, otherwise: i - 1);

            // A supplier without runtime PM is taken to be up.
            if (answer < 0 && answer != -Errno.EACCES)
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

        return 0;
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
    private static int Settle(RuntimePmDevice device, bool isResume, int value)
    {
        RuntimePmRules rules = device.Core.Rules;
        bool isDenied = value == -Errno.EACCES;

        // A callback that threw is no error of the device.
        bool sticks = value != CallsUnderWay.Interrupted && !(isDenied && rules.CallbackAccessErrorIsTransient) && !(isResume && rules.FailedResumeMayBeRetried);
        device.Error = sticks ? value : 0;

        // -EACCES means "runtime PM is disabled" to callers, so a callback's is told as something else.
        return !isDenied ? value : rules.CallbackAccessErrorIsTransient ? -Errno.EAGAIN : -Errno.EIO;
    }

    /// <summary>Suppliers cannot be waited for with interrupts disabled.</summary>
    private static bool MindsSuppliers(RuntimePmDevice device) => device.LinksCount != 0 && !device.IsIrqSafe;
}
