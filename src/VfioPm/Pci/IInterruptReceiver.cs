namespace VfioPm;

/// <summary>Where a function's interrupts arrive: the machine's interrupt controller.</summary>
internal interface IInterruptReceiver : IForkable
{
    /// <summary>The interrupt pin was asserted or is quiet again.</summary>
    void OnPinChanged(bool isAsserted);

    /// <summary>The function wrote a message.</summary>
    void OnMessage(InterruptMessage message);
}
