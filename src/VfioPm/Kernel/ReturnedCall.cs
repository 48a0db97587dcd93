namespace VfioPm;

/// <summary>
/// The call that a result is of: whoever is told "-EBUSY" only can find out from here why. There is one where somebody
/// listens to the host's operations, as its trace does.
/// </summary>
/// <param name="Clock">What shows the host's time, whose listeners know what happened.</param>
/// <param name="Device">To which device.</param>
/// <param name="Operation">What somebody did with it, or null for a call without a name of its own.</param>
internal sealed record ReturnedCall(VirtualClock Clock, string Device, Cause? Operation) : IUnchanging;
