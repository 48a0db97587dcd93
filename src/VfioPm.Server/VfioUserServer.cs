using System.Net.Sockets;

namespace VfioPm.Server;

/// <summary>
/// A vfio-user server (QEMU's <c>docs/interop/vfio-user.rst</c>, version 0.0) for a function of a simulated host. It has one
/// client at a time; others wait, and find the device as the one before left it.
/// </summary>
public sealed class VfioUserServer : IDisposable
{
    private readonly VfioUserOptions _options;
    private readonly ServedMachine _machine;
    private readonly UnixListener _clients;
    private readonly ControlSocket? _control;

    /// <summary>Boots the host and makes the socket; from here on clients can connect.</summary>
    /// <exception cref="ArgumentException">The device is a bridge, or does not fit below a port.</exception>
    /// <exception cref="IOException">The socket cannot be made; the message says why.</exception>
    public VfioUserServer(VfioUserOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!(options.Speed >= 1 / VfioUserOptions.MostSpeed && options.Speed <= VfioUserOptions.MostSpeed))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.Speed, $"{nameof(options.Speed)} is from a millionth to {VfioUserOptions.MostSpeed}.");
        }

        _options = options;
        _machine = new ServedMachine(options);
        try
        {
            _clients = new UnixListener(options.SocketPath);
            _control = options.ControlPath is { } path ? new ControlSocket(path, new ControlConsole(_machine)) : null;
        }
        catch
        {
            _clients?.Dispose();
            _machine.Dispose();
            throw;
        }
    }

    /// <summary>The host.</summary>
    public SimulatedHost Host => _machine.Host;

    /// <summary>The function that is served.</summary>
    public PciDevice Function => _machine.Function;

    /// <summary>Serves clients until it is stopped, or until its client is gone if it is to serve only one, or the host wants the device back.</summary>
    /// <exception cref="IOException">What happens could not be written down any more (a full disk), and the server ended.</exception>
    public async Task Run(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, _machine.Recording.Lost);
        Task control = Quietly(_control?.Run(end.Token) ?? Task.CompletedTask);
        await Quietly(ServeClients(end.Token));
        await end.CancelAsync();
        await control;
        _machine.Recording.ThrowIfLost();
    }

    /// <summary>Ends: the sockets are gone, and the device is closed.</summary>
    public void Dispose()
    {
        _control?.Dispose();
        _clients.Dispose();
        _machine.Dispose();
    }

    /// <summary>Being stopped is the usual end.</summary>
    private static async Task Quietly(Task serving)
    {
        try
        {
            await serving;
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeClients(CancellationToken stop)
    {
        do
        {
            await Serve(await _clients.Accept(stop), stop);
        }
        while (!_options.Once && !_machine.IsLeaving);
    }

    private async Task Serve(Socket socket, CancellationToken stop)
    {
        using var messages = new MessageSocket(socket, _options.Wall);
        await new ClientSession(messages, _machine.Device).Run(stop);
    }
}
