namespace VfioPm.Tests;

// The kernel functions that are under way.
public sealed partial class CallHashTests
{
    private static KernelCall<int> UseNic(RuntimePmCore core) => UseTwice(core.Devices[0], RpmFlags.None, 0, 0);

    /// <summary>A function whose arguments and locals live across its waits.</summary>
    private static async KernelCall<int> UseTwice(
        RuntimePmDevice device, RpmFlags flags, int argument, int result, bool holdsReference = false)
    {
        await device.Change();
        await device.Change();
        device.UsageCount += holdsReference ? 1 : 0;
        return argument + result + (int)flags;
    }

    private static async KernelCall<int> UseTwiceToo(
        RuntimePmDevice device, RpmFlags flags, int argument, int result, bool holdsReference = false)
    {
        await device.Change();
        await device.Change();
        device.UsageCount += holdsReference ? 1 : 0;
        return argument + result + (int)flags;
    }

    private static async KernelCall<int> GiveWay(Kernel kernel)
    {
        await kernel.GiveWay();
        return 0;
    }

    private static async KernelCall<int> WaitFor(Kernel kernel, IWaitQueue queue)
    {
        await kernel.WaitOn(queue);
        return 0;
    }

    /// <summary>Its frame does not tell how it waits.</summary>
    private static async KernelCall<int> WaitAsCounted(RuntimePmDevice device)
    {
        await device.Core.Kernel.Current!.WillWait((WaitKind)device.UsageCount, device.Core.Clock.Now, device);
        return 0;
    }

    /// <summary>Its frame does not tell whose lock it holds.</summary>
    private static async KernelCall<int> HoldLockOfCounted(RuntimePmDevice device)
    {
        await device.Core.Devices[device.UsageCount].Lock.Lock();
        await device.Change();
        return 0;
    }

    private static async KernelCall<int> WaitForCounted(RuntimePmDevice device)
    {
        await device.Core.Devices[device.UsageCount].Change();
        return 0;
    }

    private static async KernelCall<int> Hold(RuntimePmDevice device, DeviceLock? outer, DeviceLock? inner)
    {
        using LockScope first = outer is null ? default : await outer.Lock();
        using LockScope second = inner is null ? default : await inner.Lock();
        await device.Change();
        return 0;
    }

    private static async KernelCall<int> JoinFirst(RuntimePmDevice device, KernelThread first)
    {
        await device.Core.Kernel.Join(first);
        return 0;
    }

    private static async KernelCall<int> AskFor(RuntimePmDevice device, KernelThread ended)
    {
        await device.Change();
        return ended.Result;
    }

    private static async KernelCall<int> CallOne(RuntimePmDevice device)
    {
        int result = await UseTwice(device, RpmFlags.None, 0, 1);
        device.UsageCount += result;
        return result;
    }

    private sealed class PreemptsNowhere : IKernelScheduler
    {
        public bool Preempts(Kernel kernel, PreemptionPoint point) => false;
    }
}
