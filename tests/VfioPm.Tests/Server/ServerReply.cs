namespace VfioPm.Tests;

/// <summary>A reply as it came.</summary>
internal sealed record ServerReply(byte[] Header, byte[] Payload)
{
    public ushort Id => BitConverter.ToUInt16(Header, 0);

    public ServerCommand Command => (ServerCommand)BitConverter.ToUInt16(Header, 2);

    public uint Flags => BitConverter.ToUInt32(Header, 8);

    public Errno Error => (Errno)BitConverter.ToInt32(Header, 12);

    public uint[] Words => Argument.WordsOf(Payload);
}
