using System.Collections.Immutable;

namespace VfioPm;

// What became of words that more than one thread writes.
public sealed partial class Kernel
{
    /// <summary>
    /// What threads wrote in a word and another, which had read the word before, undid as it wrote it back, oldest first:
    /// "pm_runtime_engaged of 0000:01:00.0". As <see cref="LockOrder"/> it is no part of the state.
    /// </summary>
    public ImmutableList<string> LostUpdates { get; internal set; } = [];
}
