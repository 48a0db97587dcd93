using System.Runtime.CompilerServices;

namespace VfioPm.Tests;

/// <summary>Who awaits what the simulated kernel does.</summary>
public sealed class AwaitTests
{
    public static TheoryData<string> Awaiters => ["a call", "a call with a result", "a wait"];

    /// <summary>An ordinary asynchronous method would go on whenever it likes, and in no thread of the kernel.</summary>
    [Theory]
    [MemberData(nameof(Awaiters))]
    public void Only_a_function_of_the_kernel_can_await(string awaited)
    {
        ICriticalNotifyCompletion awaiter = awaited switch
        {
            "a call" => KernelCall.Returned.GetAwaiter(),
            "a call with a result" => new KernelCall<int>(1).GetAwaiter(),
            _ => KernelWait.Over.GetAwaiter(),
        };

        awaiter.Invoking(static it => it.OnCompleted(static () => { })).Should().Throw<NotSupportedException>();
        awaiter.Invoking(static it => it.UnsafeOnCompleted(static () => { })).Should().Throw<NotSupportedException>()
            .WithMessage("Only functions of the simulated kernel can await this.");
    }
}
