namespace VfioPm;

// What the function's interrupts lead to.
public sealed partial class PciDevice : IInterruptReceiver
{
    /// <summary>The interrupt that the pin leads to.</summary>
    internal InterruptLine Line { get; }

    /// <summary>MSI and MSI-X.</summary>
    internal MessageInterrupts Messages { get; }

    void IInterruptReceiver.OnPinChanged(bool isAsserted) => Line.Deliver();

    void IInterruptReceiver.OnMessage(InterruptMessage message) => Messages.Deliver(message);
}
