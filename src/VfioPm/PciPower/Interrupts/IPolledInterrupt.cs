namespace VfioPm;

/// <summary>A line that was disabled since nobody cared.</summary>
internal interface IPolledInterrupt : INumbered
{
    /// <summary>Asks all who listen.</summary>
    void Poll();
}
