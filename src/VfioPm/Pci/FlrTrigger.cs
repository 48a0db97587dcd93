namespace VfioPm;

/// <summary>
/// A bit that resets the function when software writes one to it, and reads zero: Initiate FLR, in the PCI
/// Express and in the Advanced Features capability.
/// </summary>
/// <param name="Offset">The byte it is in.</param>
/// <param name="Mask">The bit.</param>
internal readonly record struct FlrTrigger(int Offset, byte Mask)
{
    /// <summary>The bits of a function that says it has FLR.</summary>
    public static FlrTrigger[] Find(ConfigurationSpace space, CapabilityList capabilities)
    {
        var triggers = new List<FlrTrigger>();
        if (capabilities.Find(CapabilityId.Express) is { } express
            && space.Has(
                express.Offset + ExpressRegisters.DeviceCapabilities, 4, ExpressRegisters.DeviceCapabilitiesFlr))
        {
            int upperByte = express.Offset + ExpressRegisters.DeviceControl + 1;
            triggers.Add(new FlrTrigger(upperByte, ExpressRegisters.DeviceControlInitiateFlr >> 8));
        }

        if (capabilities.Find(CapabilityId.AdvancedFeatures) is { } features
            && space.Has(
                features.Offset + AdvancedFeaturesRegisters.Capabilities, 1, AdvancedFeaturesRegisters.CapabilitiesFlr))
        {
            int control = features.Offset + AdvancedFeaturesRegisters.Control;
            triggers.Add(new FlrTrigger(control, AdvancedFeaturesRegisters.ControlInitiateFlr));
        }

        return [.. triggers];
    }

    /// <summary>Whether a write sets the bit.</summary>
    public bool IsSetBy(int offset, int width, uint value) =>
        Offset >= offset && Offset < offset + width && ((value >> (8 * (Offset - offset))) & Mask) != 0;
}
