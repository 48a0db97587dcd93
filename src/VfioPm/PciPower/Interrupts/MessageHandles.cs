namespace VfioPm;

/// <summary>
/// The machine's table of message interrupts: the entries of an interrupt remapping unit (Intel VT-d, section
/// 5.1.2). A message names its entry, the handle; a line in use has one too.
/// </summary>
internal sealed class MessageHandles : INumbered
{
    // The legacy interrupts come first, and of sixteen one only leads to others.
    private const int First = 15;

    private readonly List<bool> _isTaken = [];

    public MessageHandles()
    {
    }

    private MessageHandles(MessageHandles original) => _isTaken.AddRange(original._isTaken);

    int INumbered.Index => 0;

    public IForkable Fork(ForkContext fork) => new MessageHandles(this);

    /// <summary>The message that leads to an entry: the VT-d format with the handle in bits 19 to 5.</summary>
    /// <param name="handle">The entry of the first vector.</param>
    /// <param name="vector">Which of several vectors of one MSI.</param>
    public static InterruptMessage Compose(int handle, int vector) =>
        new(0xfee0_0018u | ((uint)handle << 5), (uint)vector);

    /// <summary>Takes the first entries that are free together; several begin at a multiple of their number.</summary>
    public int Allocate(int count)
    {
        int step = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count);
        int at = 0;
        while (!IsFree(at, count))
        {
            at += step;
        }

        while (_isTaken.Count < at + count)
        {
            _isTaken.Add(false);
        }

        for (int i = at; i < at + count; i++)
        {
            _isTaken[i] = true;
        }

        return First + at;
    }

    public void Free(int handle)
    {
        if (handle != 0)
        {
            _isTaken[handle - First] = false;
        }
    }

    public void AddTo(ref StateHash hash)
    {
        // Those that are taken: how long the list has become is of no account.
        for (int i = 0; i < _isTaken.Count; i++)
        {
            if (_isTaken[i])
            {
                hash.Add(i);
            }
        }

        hash.Add(-1);
    }

    private bool IsFree(int at, int count)
    {
        for (int i = at; i < Math.Min(at + count, _isTaken.Count); i++)
        {
            if (_isTaken[i])
            {
                return false;
            }
        }

        return true;
    }
}
