namespace VfioPm;

/// <summary>Who decides in which order goes on what is ready at one moment.</summary>
internal interface IReadyOrder : IForkable
{
    /// <param name="ready">How many of the pending events are ready, the first ones (<see cref="VirtualClock.Next"/>).</param>
    /// <returns>The place of the one that is next.</returns>
    int Choose(int ready);
}
