namespace VfioPm;

/// <summary>Is told what becomes of a function's hardware, whoever brought it about.</summary>
internal interface IHardwareListener
{
    /// <summary>The power state changed from <paramref name="before"/> to what the function says now.</summary>
    void OnPowerStateChanged(PowerState before);

    /// <summary>A reset, or a loss of power, put registers back.</summary>
    void OnReset(ResetKind kind);

    /// <summary>A PME arrived at this root port, which is to interrupt for it.</summary>
    void OnRootPme();

    /// <summary>Something happened in this port's slot, for which it interrupts.</summary>
    void OnSlotEvent();

    /// <summary>The function asks the firmware to wake the machine (WAKE#): it has no other way.</summary>
    void OnWakeSignal();

    /// <summary>An access got no answer: to a BAR, or to configuration space.</summary>
    void OnUnanswered(int? bar, long offset);
}
