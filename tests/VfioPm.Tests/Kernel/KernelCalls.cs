namespace VfioPm.Tests;

/// <summary>Calls of kernel functions that have nothing to wait for.</summary>
internal static class KernelCalls
{
    /// <summary>What a function returned that did not wait.</summary>
    public static T Now<T>(this KernelCall<T> call)
    {
        call.Frame.Should().BeNull("it has nothing to wait for");
        return call.GetAwaiter().GetResult();
    }
}
