namespace VfioPm;

/// <summary>
/// The call of a callback itself: it returns at once, or sleeps any number of times first. The argument is the
/// <see cref="RuntimePmCallback"/>.
/// </summary>
internal sealed class InvokeRoutine : Routine
{
    public static readonly InvokeRoutine Instance = new();

    private enum Steps
    {
        Begin,
        Invoke,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        if (self.At == (int)Steps.Begin)
        {
            self.At = (int)Steps.Invoke;
            return self.Device.IsIrqSafe ? Flow.Next : Flow.Unlock;
        }

        // The callback may call back into the engine, but on actors of their own: `self` does not move.
        int stage = self.Position++;
        CallbackOutcome outcome = self.Device.Callbacks.Invoke((RuntimePmCallback)self.Argument, self.Device, stage);
        return outcome.Duration is { } duration ? Flow.Sleep(duration) : Flow.Return(outcome.Value.Value);
    }
}
