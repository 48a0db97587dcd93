namespace VfioPm.Server;

/// <summary>An eventfd of the simulated user's whose signals go on to one of the client's.</summary>
internal sealed class ForwardedEventFd(DescriptorTable numbers, NativeDescriptor native) : IDisposable
{
    private readonly EventFd _simulated = new();
    private int? _number;

    /// <summary>The number that the simulated user has for it.</summary>
    public int Number => _number ??= numbers.Install(_simulated);

    /// <summary>Hands on what has been signalled since it was last asked.</summary>
    public void Forward()
    {
        if (!_simulated.Read(out ulong count).IsError)
        {
            native.Signal(count);
        }
    }

    public void Dispose()
    {
        if (_number is { } number)
        {
            numbers.Close(number);
        }

        native.Dispose();
    }
}
