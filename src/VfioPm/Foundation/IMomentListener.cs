namespace VfioPm;

/// <summary>Is told before time passes: nothing more happens at this moment (<see cref="VirtualClock.Moments"/>).</summary>
internal interface IMomentListener : IForkable
{
    /// <summary>Time is about to pass; the clock still shows the moment that is over.</summary>
    void OnMomentOver();
}
