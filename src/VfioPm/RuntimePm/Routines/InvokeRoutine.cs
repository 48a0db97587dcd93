namespace VfioPm;

/// <summary>
/// The call of a callback itself: it returns at once, or sleeps any number of times first, or is a routine. The
/// argument is the <see cref="RuntimePmCallback"/>.
/// </summary>
internal sealed class InvokeRoutine : Routine
{
    public static readonly InvokeRoutine Instance = new();

    private enum Steps
    {
        Begin,
        Invoke,
        RoutineReturned,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        RuntimePmCallbacks callbacks = self.Device.Callbacks;
        var callback = (RuntimePmCallback)self.Argument;
        switch ((Steps)self.At)
        {
            case Steps.Begin:
                self.At = (int)Steps.Invoke;
                return self.Device.IsIrqSafe ? Flow.Next : Flow.Unlock;
            case Steps.Invoke when callbacks.RoutineOf(callback) is { } routine:
                self.At = (int)Steps.RoutineReturned;
                return actor.Call(routine, self.Device);
            case Steps.Invoke:
                // The callback may call back into the engine, but on actors of their own: `self` does not move.
                int stage = self.Position++;
                CallbackOutcome outcome = callbacks.Invoke(callback, self.Device, stage);
                return outcome.Duration is { } duration ? Flow.Sleep(duration) : Flow.Return(outcome.Value);
            default:
                return Flow.Return(self.Returned);
        }
    }

    public override string Describe(in Activation self) => (RuntimePmCallback)self.Argument switch
    {
        RuntimePmCallback.Suspend => "the Suspend callback goes on",
        RuntimePmCallback.Resume => "the Resume callback goes on",
        _ => "the Idle callback goes on",
    };
}
