namespace VfioPm;

/// <summary>
/// The message interrupts that the kernel set up for a function, and the registers that hold them
/// (<c>drivers/pci/msi/</c>).
/// </summary>
internal sealed class MessageInterrupts(
    PciFunction hardware,
    SiliconConfiguration configuration,
    PciPower power,
    FunctionQuirks quirks,
    PciCommand command,
    MessageHandles handles,
    IInterruptHandler handler)
{
    private Vector[] _vectors = [];

    /// <summary>A copy for a fork.</summary>
    public MessageInterrupts(
        MessageInterrupts original,
        PciFunction hardware,
        SiliconConfiguration configuration,
        PciPower power,
        FunctionQuirks quirks,
        PciCommand command,
        MessageHandles handles,
        IInterruptHandler handler)
        : this(hardware, configuration, power, quirks, command, handles, handler)
    {
        AreAllowed = original.AreAllowed;
        Kind = original.Kind;
        _vectors = [.. original._vectors];
    }

    private enum VectorState
    {
        /// <summary>It has no message.</summary>
        Inactive,

        /// <summary>It has a message, but nobody listens.</summary>
        Active,

        /// <summary>A driver listens.</summary>
        Requested,
    }

    /// <summary>Whether drivers may have any (not <c>no_msi</c>; sysfs <c>msi_bus</c>).</summary>
    public bool AreAllowed { get; set; } = !quirks.HasNoMsi;

    /// <summary>What is enabled.</summary>
    public MessageKind Kind { get; private set; }

    /// <summary>How many vectors the kernel allocated.</summary>
    public int Count => _vectors.Length;

    /// <summary>The pin speaks only where messages do not (<c>pci_intx_for_msi()</c>); some functions need it to.</summary>
    private void SetIntx(bool enable)
    {
        if (!quirks.NeedsIntxForMsi)
        {
            command.SetIntx(enable);
        }
    }

    private MessageRegisters Registers => new(hardware, configuration, power, command, Kind);

    /// <summary>Enables MSI or MSI-X (<c>pci_alloc_irq_vectors()</c>).</summary>
    /// <returns>
    /// The number of vectors; -EINVAL outside of D0, for a kind that the function lacks or while either is enabled;
    /// -ERANGE for none at all; -ENOMEM for a table that is nowhere.
    /// </returns>
    public int Allocate(MessageKind kind, int count)
    {
        var registers = new MessageRegisters(hardware, configuration, power, command, kind);
        if (power.State != PowerState.D0 || Kind != MessageKind.None || !registers.Exist)
        {
            return -Errno.EINVAL;
        }

        if (count < 1)
        {
            return -Errno.ERANGE;
        }

        if (!registers.HaveTable)
        {
            return -Errno.ENOMEM;
        }

        Kind = kind;
        registers.BeginSetUp();
        int first = handles.Allocate(kind == MessageKind.Msi ? count : 1);
        _vectors = new Vector[count];
        for (int vector = 0; vector < count; vector++)
        {
            int handle = kind == MessageKind.Msi || vector == 0 ? first : handles.Allocate(1);
            _vectors[vector] = new Vector(handle, VectorState.Active);
            WriteMessage(vector);
        }

        SetIntx(false);
        registers.EndSetUp();
        return count;
    }

    /// <summary>Whether the kernel gave the function this vector (<c>pci_irq_vector()</c>).</summary>
    public bool IsAllocated(int vector) => vector < Count && _vectors[vector].Exists;

    /// <summary>Gives one more MSI-X vector while MSI-X is enabled (<c>pci_msix_alloc_irq_at()</c>).</summary>
    public void AllocateAt(int vector)
    {
        if (vector >= Count)
        {
            Array.Resize(ref _vectors, vector + 1);
        }

        _vectors[vector] = new Vector(handles.Allocate(1), VectorState.Active);
        WriteMessage(vector);
    }

    /// <summary>Disables what is enabled, and lets the pin speak again (<c>pci_free_irq_vectors()</c>).</summary>
    public void Free()
    {
        if (Kind == MessageKind.None)
        {
            return;
        }

        Registers.Disable(Count);
        SetIntx(true);
        for (int vector = 0; vector < Count; vector++)
        {
            Deactivate(vector);
            handles.Free(_vectors[vector].Handle);
        }

        Kind = MessageKind.None;
        _vectors = [];
    }

    /// <summary>A driver begins to listen to a vector (<c>request_irq()</c>).</summary>
    public void Request(int vector)
    {
        // MSI-X: the table may have been lost in a reset that the kernel did not see.
        _vectors[vector].State = VectorState.Requested;
        WriteMessage(vector);
        UpdateMask(vector);
    }

    /// <summary>The driver no longer listens (<c>free_irq()</c>): the vector loses its message.</summary>
    public void Release(int vector)
    {
        _vectors[vector].State = VectorState.Active;
        UpdateMask(vector);
        Deactivate(vector);
    }

    /// <summary>Interrupts the driver that listens to this message.</summary>
    public void Deliver(InterruptMessage message)
    {
        for (int vector = 0; vector < Count; vector++)
        {
            if (_vectors[vector].State == VectorState.Requested && Compose(vector) == message)
            {
                handler.OnMessageInterrupt(vector);
                return;
            }
        }
    }

    /// <summary>Writes all that was enabled to registers that lost it (<c>pci_restore_msi_state()</c>).</summary>
    public void Restore()
    {
        if (Kind == MessageKind.None)
        {
            return;
        }

        SetIntx(false);
        uint before = configuration.ReadNow(PciRegisters.Command, 2);
        Registers.BeginRestore();
        for (int vector = 0; vector < Count; vector++)
        {
            if (_vectors[vector].Exists)
            {
                WriteMessage(vector);
                UpdateMask(vector);
            }
        }

        Registers.EndRestore(before);
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(AreAllowed);
        hash.Add((int)Kind);
        hash.Add(_vectors.Length);
        foreach (Vector vector in _vectors)
        {
            hash.Add(vector.Handle);
            hash.Add((int)vector.State);
        }
    }

    /// <summary><c>msi_domain_deactivate()</c>.</summary>
    private void Deactivate(int vector)
    {
        if (_vectors[vector].Exists && _vectors[vector].State != VectorState.Inactive)
        {
            _vectors[vector].State = VectorState.Inactive;
            WriteMessage(vector);
        }
    }

    /// <summary>Of MSI's vectors the first has the message for all (<c>pci_msi_domain_write_msg()</c>).</summary>
    private void WriteMessage(int vector)
    {
        if (Kind == MessageKind.MsiX || vector == 0)
        {
            Registers.WriteMessage(vector, Count, Compose(vector));
        }
    }

    /// <summary>A vector is masked unless somebody listens. What others wrote into the masks of MSI does not outlive that.</summary>
    private void UpdateMask(int vector)
    {
        if (Kind == MessageKind.MsiX)
        {
            Registers.SetMask(vector, masked: _vectors[vector].State != VectorState.Requested);
            return;
        }

        uint listening = 0;
        for (int i = 0; i < Count; i++)
        {
            listening |= _vectors[i].State == VectorState.Requested ? 1u << i : 0;
        }

        Registers.MaskAllBut(listening);
    }

    private InterruptMessage Compose(int vector) => _vectors[vector].State == VectorState.Inactive
        ? default
        : MessageHandles.Compose(_vectors[vector].Handle, Kind == MessageKind.Msi ? vector : 0);

    /// <summary>A vector; one that the kernel did not allocate has no handle.</summary>
    private record struct Vector(int Handle, VectorState State)
    {
        public readonly bool Exists => Handle != 0;
    }
}
