namespace VfioPm;

/// <summary>How long the firmware says that a function needs at most (<c>_DSM</c>, "Device Readiness Durations"); null where it says nothing.</summary>
/// <param name="AfterPowerOn">After it got power, or its bus was reset.</param>
/// <param name="AfterD3Hot">After it left D3hot.</param>
internal readonly record struct ReadinessDurations(TimeSpan? AfterPowerOn, TimeSpan? AfterD3Hot);
