namespace VfioPm;

/// <summary>
/// The registers that are saved and restored: the header, and of the PCI Express capability what software
/// controls.
/// </summary>
internal sealed class ConfigurationSnapshot
{
    private const int HeaderDwords = PciRegisters.HeaderSize / 4;

    // In the PCI Express capability, all 16 bits wide (PCIe Base 7.5.3): Device, Link, Slot and Root Control, and
    // the second Device, Link and Slot Control.
    private static readonly int[] ExpressControls = [0x08, 0x10, 0x18, 0x1c, 0x28, 0x30, 0x38];

    private readonly uint[] _header = new uint[HeaderDwords];
    private readonly ushort[] _express = new ushort[ExpressControls.Length];

    public void Take(IConfigurationAccess device)
    {
        for (int index = 0; index < HeaderDwords; index++)
        {
            _header[index] = device.ReadConfig(4 * index, 4);
        }

        if (device.ExpressOffset is { } express)
        {
            for (int i = 0; i < ExpressControls.Length; i++)
            {
                _express[i] = (ushort)device.ReadConfig(express + ExpressControls[i], 2);
            }
        }
    }

    public void WriteTo(IConfigurationAccess device)
    {
        if (device.ExpressOffset is { } express)
        {
            for (int i = 0; i < ExpressControls.Length; i++)
            {
                device.WriteConfig(express + ExpressControls[i], 2, _express[i]);
            }
        }

        // From the end, so that the BARs are right before Command lets the function decode them. What is right
        // already is not written: some registers do not like it.
        for (int index = HeaderDwords - 1; index >= 0; index--)
        {
            if (device.ReadConfig(4 * index, 4) != _header[index])
            {
                device.WriteConfig(4 * index, 4, _header[index]);
            }
        }
    }

    public void CopyTo(ConfigurationSnapshot target)
    {
        _header.CopyTo(target._header, 0);
        _express.CopyTo(target._express, 0);
    }

    public void AddTo(ref StateHash hash)
    {
        foreach (uint dword in _header)
        {
            hash.Add(dword);
        }

        foreach (ushort word in _express)
        {
            hash.Add(word);
        }
    }
}
