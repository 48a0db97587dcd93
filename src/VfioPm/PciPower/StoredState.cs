namespace VfioPm;

/// <summary>
/// A copy of a function's configuration that a driver keeps for itself, where it has one (<c>struct pci_saved_state</c>).
/// </summary>
internal sealed class StoredState
{
    private readonly SnapshotPlan _plan;

    // Room that is made when it is first needed, and kept.
    private ConfigurationSnapshot? _copy;
    private bool _isThere;

    public StoredState(SnapshotPlan plan) => _plan = plan;

    /// <summary>A copy for a fork.</summary>
    public StoredState(StoredState original, ForkContext fork)
    {
        _plan = original._plan;
        _copy = fork.OfNullable(original._copy);
        _isThere = original._isThere;
    }

    /// <summary>Takes over what the PCI core saved, or nothing for null.</summary>
    public void Take(ConfigurationSnapshot? saved)
    {
        _isThere = saved is not null;
        saved?.CopyTo(_copy ??= new ConfigurationSnapshot(_plan));
    }

    /// <summary>Gives the copy away, if there is one; there is none afterwards.</summary>
    /// <returns>Whether there was one.</returns>
    public bool GiveTo(ConfigurationSnapshot target)
    {
        bool wasThere = _isThere;
        if (wasThere)
        {
            _copy!.CopyTo(target);
        }

        _isThere = false;
        return wasThere;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_isThere);
        if (_isThere)
        {
            _copy!.AddTo(ref hash);
        }
    }
}
