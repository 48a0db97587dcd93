using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>Takes lines, and answers each with a line of JSON for every event; whoever sends too long a line is sent away.</summary>
internal sealed class ControlSocket(string path, ControlConsole console) : IDisposable
{
    private const int LongestLine = 4096;

    private readonly UnixListener _listener = new(path);

    /// <summary>Serves those who connect, one after the other.</summary>
    public async Task Run(CancellationToken stop)
    {
        while (true)
        {
            using Socket client = await _listener.Accept(stop);
            try
            {
                await Serve(client, stop);
            }
            catch (SocketException)
            {
                // It is gone; so is what it wanted to know.
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task Serve(Socket client, CancellationToken stop)
    {
        byte[] buffer = new byte[LongestLine];
        int length = 0;
        while (length < buffer.Length && await client.ReceiveAsync(buffer.AsMemory(length), stop) is var received && received > 0)
        {
            length += received;
            while (buffer.AsSpan(0, length).IndexOf((byte)'\n') is var end && end >= 0)
            {
                string line = Encoding.UTF8.GetString(buffer, 0, end);
                buffer.AsSpan(end + 1, length - end - 1).CopyTo(buffer);
                length -= end + 1;
                foreach (JsonObject happened in await console.Do(line, stop))
                {
                    await Send(client, happened, stop);
                }
            }
        }
    }

    private static async Task Send(Socket client, JsonObject happened, CancellationToken stop)
    {
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(happened.ToJsonString() + '\n');
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await client.SendAsync(bytes, stop)..];
        }
    }
}
