namespace VfioPm;

/// <summary>What a function's power depends on.</summary>
internal static class PowerSupply
{
    /// <summary>The power resources of the function or, where it has none, of the nearest bridge above that has.</summary>
    public static IEnumerable<string> Of(PciDevice device)
    {
        for (PciDevice? fed = device; fed is not null; fed = fed.Upstream)
        {
            if (fed.Platform is { } platform)
            {
                return platform.Resources.Select(resource => $"{resource}");
            }
        }

        return ["the machine: the firmware cannot cut it"];
    }
}
