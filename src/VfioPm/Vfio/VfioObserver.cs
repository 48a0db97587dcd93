namespace VfioPm;

/// <summary>Is told, besides what the PCI core does, when what the user of a device sees may have changed.</summary>
public abstract class VfioObserver : PciPowerObserver
{
    /// <summary>
    /// A user opened or closed the device, or a call of his ended: <see cref="VfioPciDevice.PowerStateShown"/> says what
    /// he sees now.
    /// </summary>
    public abstract void OnUserCall(VfioPciDevice device);
}
