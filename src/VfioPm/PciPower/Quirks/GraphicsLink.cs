namespace VfioPm;

/// <summary>Parts of a graphics card that work only while its function 0 is in D0.</summary>
internal static class GraphicsLink
{
    private const uint Display = 0x03;

    /// <summary>
    /// Makes the part a consumer of the graphics controller, and lets it sleep, so that it does not keep that awake for ever
    /// (<c>pci_create_device_link()</c>). The other must have been found before.
    /// </summary>
    public static async KernelCall Make(PciDevice part)
    {
        int number = part.Quirks.PartOfGraphics;
        if (number == 0
            || part.Address.Function != number
            || part.Bus.Find(part.Address with { Function = 0 }) is not { } graphics
            || PciIdentity.In(graphics.Hardware.Configuration).Class >> 16 != Display)
        {
            return;
        }

        await PmRuntime.AddLink(part.RuntimePm, graphics.RuntimePm, managesRuntimePm: true, holds: false);
        await PmRuntime.Allow(part.RuntimePm);
    }
}
