namespace VfioPm.Tests;

/// <summary>An adapter whose MSI has four vectors.</summary>
internal static class FourMessages
{
    public static DeviceImage Card { get; } = Make();

    private static DeviceImage Make()
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        int msi = bytes[PciRegisters.CapabilityPointer];
        while (bytes[msi] != CapabilityId.Msi)
        {
            msi = bytes[msi + 1];
        }

        bytes[msi + MsiRegisters.MessageControl] |= 2 << 1;
        return DeviceImages.E1000E.WithBytes(bytes);
    }
}
