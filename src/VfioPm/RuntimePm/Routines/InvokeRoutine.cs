namespace VfioPm;

/// <summary>
/// The call of a callback itself: it returns at once, or sleeps any number of times first. The argument is the
/// <see cref="RuntimePmCallback"/>.
/// </summary>
internal sealed class InvokeRoutine : Routine
{
    public static readonly InvokeRoutine Instance = new();

    public override Flow Step(Actor actor, ref Activation self)
    {
        // The callback may call back into the engine, but on actors of their own: `self` does not move.
        int stage = self.Position++;
        CallbackOutcome outcome = self.Device.Callbacks.Invoke((RuntimePmCallback)self.Argument, self.Device, stage);
        return outcome.Duration is { } duration ? Flow.Sleep(duration) : Flow.Return(outcome.Value.Value);
    }
}
