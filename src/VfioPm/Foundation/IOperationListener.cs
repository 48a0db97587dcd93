namespace VfioPm;

/// <summary>
/// Is told what somebody does to a device, before it has any effect, and what came of it (<see cref="VirtualClock.Operations"/>).
/// </summary>
public interface IOperationListener : IForkable
{
    /// <summary>Somebody begins to do something.</summary>
    /// <param name="what">What, in a few words: "opened".</param>
    /// <param name="device">To which device.</param>
    void OnOperation(string what, string device);

    /// <summary>What somebody did is over, and the kernel returns to him.</summary>
    /// <param name="what">What he did.</param>
    /// <param name="device">To which device.</param>
    /// <param name="result">The kernel's <c>int</c>: 0 or a count, or the negative of an error.</param>
    void OnReturn(string what, string device, int result);
}
