namespace VfioPm;

/// <summary>Is told what somebody does to a device, before it has any effect (<see cref="VirtualClock.Operations"/>).</summary>
public interface IOperationListener : IForkable
{
    /// <summary>Somebody begins to do something.</summary>
    /// <param name="what">What, in a few words: "opened".</param>
    /// <param name="device">To which device.</param>
    void OnOperation(string what, string device);
}
