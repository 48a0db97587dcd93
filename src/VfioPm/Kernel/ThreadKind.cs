namespace VfioPm;

/// <summary>Whose a thread is.</summary>
internal enum ThreadKind
{
    /// <summary>Somebody calls from outside.</summary>
    Caller,

    /// <summary>A worker carries out an item of a queue.</summary>
    Worker,

    /// <summary>An interrupt has one of its own (<c>irq_thread()</c>), of real-time priority: nobody takes the processor from it.</summary>
    Interrupt,
}
