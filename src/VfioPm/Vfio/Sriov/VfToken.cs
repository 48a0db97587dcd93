namespace VfioPm;

/// <summary>
/// The secret that the users of a physical function and of its virtual functions share (<c>struct
/// vfio_pci_vf_token</c>): each can do harm to the others, and so has to be trusted.
/// </summary>
internal sealed class VfToken
{
    // The kernel's is random: nobody can know it, and no user is one who guesses.
    private Guid? _value;

    public VfToken()
    {
    }

    /// <summary>A copy for a fork.</summary>
    public VfToken(VfToken original)
    {
        _value = original._value;
        Users = original.Users;
    }

    /// <summary>How many virtual functions are open with it.</summary>
    public int Users { get; set; }

    public void Set(Guid value) => _value = value;

    public bool Matches(Guid value) => _value == value;

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_value);
        hash.Add(Users);
    }
}
