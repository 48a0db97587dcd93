using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using VfioPm.Server;

namespace VfioPm.Tests;

/// <summary>A server in this process, on a wall clock that is moved by hand, and a client on its socket.</summary>
internal sealed class ServedClient : IDisposable
{
    public const uint NoReply = 1 << 4;

    private const int MostThreads = 32;
    private const string Proposal =
        """{"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576,"write_multiple":true}}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfio-pm-");
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private Socket _socket;
    private ushort _lastId;

    static ServedClient()
    {
        // Tests hold a thread of the pool each while they wait for servers that need some too.
        ThreadPool.GetMinThreads(out _, out int completionThreads);
        ThreadPool.SetMinThreads(MostThreads, completionThreads).Should().BeTrue();
    }

    public ServedClient(Func<VfioUserOptions, VfioUserOptions>? choose = null)
    {
        var options = new VfioUserOptions { SocketPath = Path.Combine(_folder.FullName, "device"), Wall = Wall };
        options = choose?.Invoke(options) ?? options;
        SocketPath = options.SocketPath;
        Server = new VfioUserServer(options);
        _running = Task.Run(() => Server.Run(_stop.Token));
        _socket = Connect(SocketPath);
    }

    public FakeTimeProvider Wall { get; } = new();

    public string SocketPath { get; }

    public VfioUserServer Server { get; }

    public SimulatedHost Host => Server.Host;

    public PciFunction Silicon => Server.Function.Hardware;

    /// <summary>A client of a device as its user, which has agreed on a version.</summary>
    public static ServedClient OfUser(KernelProfile? profile = null) =>
        Greeted(new ServedClient(options => options with { Profile = profile ?? KernelProfile.Linux6_1 }));

    /// <summary>A client of a bare function.</summary>
    public static ServedClient OfSilicon(HardwareBehavior? behavior = null, DeviceImage? image = null) =>
        Greeted(new ServedClient(options => options with
        {
            As = ServedAs.Silicon,
            Behavior = behavior ?? HardwareBehavior.Specification,
            Device = image ?? options.Device,
        }));

    /// <summary>A client of a server with an administrator's socket.</summary>
    public static ServedClient WithControl(ServedAs what = ServedAs.User) => Greeted(new ServedClient(options => options with
    {
        As = what,
        Profile = KernelProfile.Linux6_1,
        ControlPath = ControlPathOf(options.SocketPath),
    }));

    public static string ControlPathOf(string socketPath) => $"{socketPath}-control";

    public static ServedClient Of(ServedAs what) => what == ServedAs.User ? OfUser() : OfSilicon();

    /// <summary>An administrator.</summary>
    public Socket ConnectToControl() => Connect(ControlPathOf(SocketPath));

    /// <summary>Another client in this one's place.</summary>
    public void Reconnect(bool greets = true)
    {
        _socket.Dispose();
        _socket = Connect(SocketPath);
        if (greets)
        {
            // What the one before asked for last may still take its time.
            AskAndWait(ServerCommand.Version, [0, 0, 0, 0, .. Encoding.UTF8.GetBytes(Proposal + '\0')], TimeSpan.FromMilliseconds(100)).Error.Should().Be(0);
        }
    }

    public ServerReply Greet(
        string data = Proposal,
        ushort minor = 0) =>
        Ask(ServerCommand.Version, [0, 0, .. BitConverter.GetBytes(minor), .. Encoding.UTF8.GetBytes(data + '\0')]);

    /// <summary>Sends a command of words and waits for its reply, with no time passing.</summary>
    public ServerReply Ask(ServerCommand command, params uint[] words) => Ask(command, Argument.Of(words));

    /// <inheritdoc cref="Ask(ServerCommand, uint[])"/>
    public ServerReply Ask(ServerCommand command, byte[] payload, params int[] descriptors)
    {
        Send(command, payload, descriptors: descriptors);
        return Receive() ?? throw new IOException($"The server ended the connection over {command}.");
    }

    /// <summary>Sends a command and waits for its reply as time passes, in steps of so much.</summary>
    public ServerReply AskAndWait(ServerCommand command, byte[] payload, TimeSpan? step = null)
    {
        Send(command, payload);
        PassUntilAnswered(step ?? TimeSpan.FromMilliseconds(1));
        return Receive() ?? throw new IOException($"The server ended the connection over {command}.");
    }

    /// <summary>Sends a command.</summary>
    /// <returns>The message's number.</returns>
    public ushort Send(ServerCommand command, byte[] payload, uint flags = 0, uint? size = null, params int[] descriptors)
    {
        ushort id = ++_lastId;
        byte[] header =
        [
            .. BitConverter.GetBytes(id), .. BitConverter.GetBytes((ushort)command),
            .. BitConverter.GetBytes(size ?? (uint)(16 + payload.Length)), .. BitConverter.GetBytes(flags), 0, 0, 0, 0,
        ];
        SendRaw([.. header, .. payload], descriptors);
        return id;
    }

    /// <summary>Sends bytes.</summary>
    public void SendRaw(byte[] bytes, params int[] descriptors) => Descriptors.Send(_socket, bytes, descriptors);

    /// <summary>Sends bytes, unless the server has ended the connection.</summary>
    public bool TrySendRaw(byte[] bytes)
    {
        try
        {
            SendRaw(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Says that nothing more will come.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next reply, or null when the server has ended the connection.</summary>
    public ServerReply? Receive()
    {
        byte[] header = new byte[16];
        if (!Fill(header))
        {
            return null;
        }

        byte[] payload = new byte[BitConverter.ToUInt32(header, 4) - 16];
        return Fill(payload) ? new ServerReply(header, payload) : null;
    }

    /// <summary>Whether something can be received now, if it comes within a moment.</summary>
    public bool HasAnswer(int microseconds = 0) => _socket.Poll(microseconds, SelectMode.SelectRead);

    public void PassUntilAnswered(TimeSpan step) => PassUntilAnswered(_socket, step);

    /// <summary>The same of who asked at another socket.</summary>
    public void PassUntilAnswered(Socket socket, TimeSpan step)
    {
        while (!socket.Poll(2000, SelectMode.SelectRead))
        {
            Wall.Advance(step);
        }
    }

    /// <summary>Waits, in real time, until a call on the host waits for time to pass.</summary>
    public void AwaitCallUnderWay() => SpinWait.SpinUntil(() => Host.Kernel.Threads.Count > 0);

    public void Dispose()
    {
        _socket.Dispose();
        _stop.Cancel();
        try
        {
            _running.GetAwaiter().GetResult();
        }
        finally
        {
            Server.Dispose();
            _stop.Dispose();
            _folder.Delete(recursive: true);
        }
    }

    private static ServedClient Greeted(ServedClient client)
    {
        client.Greet().Error.Should().Be(0);
        return client;
    }

    private bool Fill(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int received;
            try
            {
                received = _socket.Receive(buffer);
            }
            catch (SocketException problem) when (problem.SocketErrorCode == SocketError.ConnectionReset)
            {
                return false;
            }

            if (received == 0)
            {
                return false;
            }

            buffer = buffer[received..];
        }

        return true;
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}
