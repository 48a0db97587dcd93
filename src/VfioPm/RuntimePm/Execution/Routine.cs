namespace VfioPm;

/// <summary>
/// A function of the kernel that may have to wait, cut into steps at the places where it may.
/// The routine is code only; where a run of it stands is an <see cref="Activation"/> on its actor's stack, which
/// is data and can be copied into a fork while the run is under way.
/// </summary>
internal abstract class Routine
{
    /// <summary>Runs one step of <paramref name="self"/>.</summary>
    /// <remarks>
    /// A step that calls another routine (<see cref="Actor.Call"/>) must not touch <paramref name="self"/>
    /// after that: the stack may have moved.
    /// </remarks>
    public abstract Flow Step(Actor actor, ref Activation self);

    /// <summary>What will happen when a run that waits goes on, for people.</summary>
    public virtual string Describe(in Activation self) => "a call goes on";
}
