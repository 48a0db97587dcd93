namespace VfioPm;

/// <summary>Is told when what the user of a device sees may have changed (<see cref="VfioPciDriver.Events"/>).</summary>
public interface IVfioListener : IForkable
{
    /// <summary>
    /// A user opened or closed the device, or a call of his ended: <see cref="VfioPciDevice.PowerStateShown"/> says what
    /// he sees now.
    /// </summary>
    void OnUserCall(VfioPciDevice device);
}
