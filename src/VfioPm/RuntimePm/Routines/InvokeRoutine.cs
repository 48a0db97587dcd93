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
        var callback = (RuntimePmCallback)self.Argument;
        if (self.Device.Callbacks.RoutineOf(callback) is { } routine)
        {
            return self.Position++ == 0 ? actor.Call(routine, self.Device) : Flow.Return(self.Returned);
        }

        // The callback may call back into the engine, but on actors of their own: `self` does not move.
        int stage = self.Position++;
        CallbackOutcome outcome = self.Device.Callbacks.Invoke(callback, self.Device, stage);
        return outcome.Duration is { } duration ? Flow.Sleep(duration) : Flow.Return(outcome.Value.Value);
    }
}
