namespace VfioPm;

/// <summary>
/// A call that the kernel would never return from: it waits for something that nothing will bring about.
/// </summary>
public sealed class SimulationDeadlockException : InvalidOperationException
{
    /// <summary>A deadlock.</summary>
    public SimulationDeadlockException()
    {
    }

    /// <summary>A deadlock, and who waits for what.</summary>
    public SimulationDeadlockException(string message)
        : base(message)
    {
    }

    /// <summary>A deadlock, who waits for what, and its cause.</summary>
    public SimulationDeadlockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
