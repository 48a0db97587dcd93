namespace VfioPm;

/// <summary>
/// What configuration accesses of the device's user mean to the rest of vfio-pci. The vfio device implements
/// it; <see cref="VirtualConfiguration"/> says when.
/// </summary>
internal interface IConfigurationHooks : INumbered
{
    /// <summary>Whether the user has MSI enabled through <c>VFIO_DEVICE_SET_IRQS</c> (<c>irq_type</c>).</summary>
    bool IsMsiEnabled { get; }

    /// <summary>
    /// Base-2 logarithm of the vectors that <c>VFIO_DEVICE_SET_IRQS</c> set up last (<c>msi_qmax</c>), 0 at first.
    /// </summary>
    int MsiQueueSize { get; }

    /// <summary>
    /// Takes <c>memory_lock</c> for writing, after <c>vfio_pci_zap_bars()</c> where what is mapped and exported must go first.
    /// </summary>
    KernelCall<LockScope> LockMemory(bool takeAway);

    /// <summary>
    /// Before the lock is given back: what is exported can be had again if memory may be accessed (<c>vfio_pci_dma_buf_move()</c>).
    /// </summary>
    void RestoreDmaBufs();

    /// <summary>Whether the user's own DisINTx keeps INTx quiet (<c>virq_disabled</c>).</summary>
    bool IsIntxDisabled { get; }

    /// <summary>It does from now on, or no longer.</summary>
    KernelCall SetIntxDisabled(bool value);

    /// <summary>The user asks for a power state: who watches what users do is told.</summary>
    void TellPowerStateAsked(PowerState state);

    /// <summary>The user set INTx disable (<c>vfio_pci_intx_mask()</c>).</summary>
    KernelCall MaskIntx();

    /// <summary>The user cleared INTx disable (<c>vfio_pci_intx_unmask()</c>).</summary>
    KernelCall UnmaskIntx();

    /// <summary>
    /// The user set a function level reset bit (<c>pci_try_reset_function()</c>); memory is locked around it.
    /// </summary>
    KernelCall TryResetFunction();

    /// <summary>The user wrote a power state that takes effect at once (<c>vfio_pci_set_power_state()</c>).</summary>
    KernelCall SetPowerState(PowerState state);

    /// <summary>Reads a dword of vital product data (<c>pci_read_vpd()</c>).</summary>
    KernelCall<VpdBytes> ReadVpd(int address);

    /// <summary>Writes a dword of vital product data (<c>pci_write_vpd()</c>); 4 on success.</summary>
    KernelCall<int> WriteVpd(int address, uint data);
}
