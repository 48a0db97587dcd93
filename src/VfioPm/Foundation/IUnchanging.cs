namespace VfioPm;

/// <summary>What never changes: forks share it.</summary>
internal interface IUnchanging;
