using System.Runtime.InteropServices;

namespace VfioPm.Server;

/// <summary>What every message begins with (section Header); all in the byte order of the machine.</summary>
/// <param name="Id">Names the message; its reply has the same.</param>
/// <param name="Command">What is asked for.</param>
/// <param name="Size">Bytes of the message, these included.</param>
/// <param name="Flags">Its type, and how it is to be replied to.</param>
/// <param name="Error">Of a reply with the error flag: an errno.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct Header(ushort Id, Command Command, uint Size, uint Flags, uint Error)
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 16;

    private const uint TypeMask = 0xf;
    private const uint CommandType = 0;
    private const uint ReplyType = 1;
    private const uint NoReply = 1 << 4;
    private const uint ErrorFlag = 1 << 5;

    /// <summary>Whether it is a command, and not the reply to one.</summary>
    public bool IsCommand => (Flags & TypeMask) == CommandType;

    /// <summary>Whether the sender of a command wants a reply.</summary>
    public bool WantsReply => (Flags & NoReply) == 0;

    /// <summary>Whether a command has flags that a command may have.</summary>
    public bool HasKnownFlags => (Flags & ~(TypeMask | NoReply)) == 0;

    /// <summary>The header of the reply.</summary>
    public Header ReplyWith(in Answer answer) => new(
        Id,
        Command,
        (uint)(Length + answer.Payload.Length),
        answer.Error is null ? ReplyType : ReplyType | ErrorFlag,
        (uint)(answer.Error ?? 0));
}
