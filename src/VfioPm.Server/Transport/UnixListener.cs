using System.Net.Sockets;
using System.Text;
using Tmds.Linux;

namespace VfioPm.Server;

/// <summary>A Unix socket with a name in the file system, for its owner alone. The name goes with it.</summary>
internal sealed class UnixListener : IDisposable
{
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Backlog = 8;

    private readonly string _path;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <exception cref="IOException">There is something at the path, or nothing can be made there; the message says what.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public UnixListener(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("vfio-user needs a Linux: eventfds come over its Unix socket.");
        }

        _path = path;
        try
        {
            RemoveAbandoned(path);
            _socket.Bind(new UnixDomainSocketEndPoint(path));
            try
            {
                // Nobody can connect before it listens, so nobody gets in between.
                File.SetUnixFileMode(path, OwnersAlone);
                _socket.Listen(Backlog);
            }
            catch
            {
                File.Delete(path);
                throw;
            }
        }
        catch (Exception problem) when (problem is SocketException or ArgumentException or UnauthorizedAccessException or IOException)
        {
            _socket.Dispose();
            throw new IOException($"{path} cannot be listened at: {problem.Message}", problem);
        }
    }

    /// <summary>The next client.</summary>
    public ValueTask<Socket> Accept(CancellationToken stop) => _socket.AcceptAsync(stop);

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }

    /// <summary>A socket that nobody listens at any more was left there by a server that ended badly.</summary>
    private static void RemoveAbandoned(string path)
    {
        if (!IsSocket(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException problem) when (problem.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }

    private static unsafe bool IsSocket(string path)
    {
        stat found;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return LibC.lstat(name, &found) == 0 && (found.st_mode & LibC.S_IFMT) == LibC.S_IFSOCK;
        }
    }
}
