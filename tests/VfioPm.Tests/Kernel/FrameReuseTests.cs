using System.Runtime.CompilerServices;

namespace VfioPm.Tests;

/// <summary>What is left of a call that is over: frames for the next one, and nothing that it held.</summary>
public sealed class FrameReuseTests
{
    private readonly RuntimePmCore _core = new();

    /// <summary>A kernel that goes on does not keep what its calls were about.</summary>
    [Fact]
    public void What_a_call_held_and_returned_is_garbage_when_it_is_over()
    {
        RuntimePmDevice nic = _core.AddActive("nic");

        WeakReference[] held = CallWithMemory(nic);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        held.Should().OnlyContain(static memory => !memory.IsAlive);
        nic.Should().HaveUsageCount(0);
    }

    /// <summary>Each function of a call that waits has a frame; what is left of a call is in words what it waited for.</summary>
    [Fact]
    public void The_frames_of_a_call_are_used_again_by_the_next_one()
    {
        const int Depth = 12;
        RuntimePmDevice nic = _core.AddActive("nic");
        for (int i = 0; i < 100; i++)
        {
            CallDeeply();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            CallDeeply();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(100 * Depth * 10);

        void CallDeeply()
        {
            using KernelEntry entry = KernelEntry.Call(_core.Kernel, "nic");
            entry.Run(GoDown(nic, Depth));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] CallWithMemory(RuntimePmDevice device)
    {
        UserMemory argument = new(1);
        using KernelEntry entry = KernelEntry.Call(device.Core.Kernel, "nic");
        return [new WeakReference(argument), new WeakReference(entry.Run<UserMemory>(PassOn(device, argument)))];
    }

    private static async KernelCall<UserMemory> PassOn(RuntimePmDevice device, UserMemory argument)
    {
        await device.Core.Kernel.GiveWay();
        return new UserMemory(argument.Bytes);
    }

    private static async KernelCall<int> GoDown(RuntimePmDevice device, int depth)
    {
        if (depth == 0)
        {
            await device.Core.Kernel.GiveWay();
            return 0;
        }

        return 1 + await GoDown(device, depth - 1);
    }
}
