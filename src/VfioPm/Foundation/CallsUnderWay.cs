using System.Runtime.ExceptionServices;

namespace VfioPm;

/// <summary>A call that is being carried out. What a test's own code throws in the middle of it comes out at its end.</summary>
internal interface ICallUnderWay
{
    /// <summary>Keeps what was thrown, unless something was before.</summary>
    void Keep(Exception thrown);
}

/// <summary>Who answers for what a test's own code throws: the call that is being carried out, or nobody.</summary>
internal sealed class CallsUnderWay : IForkable
{
    /// <summary>The kernel's code for a call that a signal interrupts (-ERESTARTSYS), which no function here returns else.</summary>
    public const int Interrupted = -512;

    /// <summary>The innermost call, if any is being carried out.</summary>
    public ICallUnderWay? Innermost { get; set; }

    /// <summary>
    /// Asked in the <c>catch</c> around each place that calls a test's own code, and the one reason why a kernel function need
    /// not reckon with exceptions. The kernel has none, and a call that broke off in its middle would leave what it had begun.
    /// So it is carried out to its end, and then throws.
    /// </summary>
    /// <remarks>Where no call is being carried out nothing can break off: it is thrown on.</remarks>
    public void Keep(Exception thrown)
    {
        if (Innermost is null)
        {
            ExceptionDispatchInfo.Throw(thrown);
        }

        Innermost.Keep(thrown);
    }

    /// <summary>The same for a kernel function that a test wrote and that threw.</summary>
    /// <returns>What it is taken to have returned: <see cref="Interrupted"/>.</returns>
    public int Interrupt(Exception thrown)
    {
        Keep(thrown);
        return Interrupted;
    }

    // There is none while a host is forked.
    public IForkable Fork(ForkContext fork)
    {
        var copy = new CallsUnderWay();
        fork.Register(this, copy);
        return copy;
    }
}
