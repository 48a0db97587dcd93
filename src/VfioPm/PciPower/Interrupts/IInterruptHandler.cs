namespace VfioPm;

/// <summary>Who is interrupted when a function interrupts: its driver.</summary>
internal interface IInterruptHandler
{
    /// <summary>By its pin.</summary>
    void OnLineInterrupt();

    /// <summary>By the message of a vector.</summary>
    void OnMessageInterrupt(int vector);
}
