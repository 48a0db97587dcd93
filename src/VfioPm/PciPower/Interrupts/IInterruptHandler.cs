namespace VfioPm;

/// <summary>Who is interrupted when a function interrupts: its driver.</summary>
internal interface IInterruptHandler : INumbered
{
    /// <summary>The function's.</summary>
    string Name { get; }

    /// <summary>
    /// Whether who denies one interrupt denies all that come while nothing else happens. Of a driver of one's own nobody knows.
    /// </summary>
    bool DeniesAlike { get; }

    /// <summary>By its pin, or by another that leads to the same line.</summary>
    /// <returns>Whether it was the function's (<c>IRQ_HANDLED</c>).</returns>
    bool OnLineInterrupt();

    /// <summary>By the message of a vector.</summary>
    void OnMessageInterrupt(int vector);
}
