namespace VfioPm;

/// <summary>A device in a picture.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parent">The device above it, if there is one.</param>
/// <param name="Lanes">Its values over time; a device without PCI has no power states, one that nobody opened no guest's.</param>
/// <param name="Marks">What was done to it, oldest first.</param>
public sealed record DeviceLanes(string Name, string? Parent, IReadOnlyList<Lane> Lanes, IReadOnlyList<Mark> Marks);
