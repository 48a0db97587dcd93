using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace VfioPm;

/// <summary>
/// A call of a kernel function that may have to wait: what an <c>async</c> method of the simulated kernel returns. It has
/// returned already, or it waits, and then its frame can be copied into a fork.
/// </summary>
/// <typeparam name="T">What the function returns.</typeparam>
/// <remarks>
/// <para>
/// The C# compiler turns an <c>async</c> method into a struct, the state machine: the number of the place where it
/// stands, and a field for each local that lives across an <c>await</c>. It leaves to the method's return type what is
/// to be done with it (<see cref="KernelCallBuilder{T}"/>). Here: nothing, as long as everything that is awaited has
/// happened; the method then runs through like any other and allocates nothing. At the first <c>await</c> that really has
/// to wait the struct moves into a frame (<see cref="KernelFrame"/>), an object of the model like others: it is copied
/// with its host, it is hashed, and the thread goes on from it later, in the original and in the copy.
/// </para>
/// <para>
/// For that a frame may hold only what a fork can copy: numbers, enumerations, texts, records of those, objects of the
/// model (<see cref="IForkable"/>) and what never changes. Spans, delegates, tasks, enumerators and lists of one's own do
/// not live across an <c>await</c>. Only the kernel's own waits and calls can be awaited; the compiler refuses others.
/// </para>
/// </remarks>
[AsyncMethodBuilder(typeof(KernelCallBuilder<>))]
[SuppressMessage("Usage", "CA2225", Justification = "An async method is the named alternate.")]
public readonly struct KernelCall<T> : IFrameLocal
{
    private readonly T _value;

    internal KernelCall(T value) => _value = value;

    internal KernelCall(KernelFrame<T> frame)
    {
        Frame = frame;
        _value = default!;
    }

    /// <summary>Where the function waits, or null when it has returned.</summary>
    internal KernelFrame<T>? Frame { get; }

    /// <summary>A function that returned without waiting.</summary>
    public static implicit operator KernelCall<T>(T value) => new(value);

    /// <summary>The same call for who does not ask what it returns.</summary>
    public static implicit operator KernelCall(KernelCall<T> call) => new(call.Frame);

    /// <summary>What <c>await</c> asks for.</summary>
    public KernelCallAwaiter<T> GetAwaiter() => new(Frame, _value);

    object IFrameLocal.Fork(ForkContext fork) => Frame is null ? this : new KernelCall<T>(fork.Of(Frame));

    // The frame that is awaited adds itself, for the thread hashes its frames one by one.
    void IFrameLocal.AddTo(ref StateHash hash)
    {
    }
}

/// <summary>The same for a kernel function that returns nothing.</summary>
[AsyncMethodBuilder(typeof(KernelCallBuilder))]
public readonly struct KernelCall : IFrameLocal
{
    internal KernelCall(KernelFrame? frame) => Frame = frame;

    /// <summary>A function that returned without waiting.</summary>
    public static KernelCall Returned => default;

    /// <summary>Where the function waits, or null when it has returned.</summary>
    internal KernelFrame? Frame { get; }

    /// <summary>What <c>await</c> asks for.</summary>
    public KernelCallAwaiter GetAwaiter() => new(Frame);

    object IFrameLocal.Fork(ForkContext fork) => new KernelCall(fork.OfNullable(Frame));

    void IFrameLocal.AddTo(ref StateHash hash)
    {
    }
}
