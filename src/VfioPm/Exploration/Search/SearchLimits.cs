namespace VfioPm;

/// <summary>How far a search goes.</summary>
/// <param name="Depth"><see cref="ExplorationOptions.Depth"/>.</param>
/// <param name="States"><see cref="ExplorationOptions.States"/>.</param>
/// <param name="FindingsPerRule"><see cref="ExplorationOptions.FindingsPerRule"/>.</param>
/// <param name="Processors"><see cref="ExplorationOptions.Processors"/>.</param>
/// <param name="Seed"><see cref="ExplorationOptions.Seed"/>.</param>
/// <param name="Shard"><see cref="ExplorationOptions.Shard"/>.</param>
/// <param name="Progress"><see cref="ExplorationOptions.Progress"/>.</param>
internal sealed record SearchLimits(
    int Depth, int States, int FindingsPerRule, int Processors, int Seed, Shard Shard, Action<int, int>? Progress);
