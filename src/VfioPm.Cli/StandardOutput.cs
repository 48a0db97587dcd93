using System.Text;
using Microsoft.Win32.SafeHandles;

namespace VfioPm.Cli;

/// <summary>
/// A standard output that is a pipe, or closed, for a tool that stops when nobody reads it: .NET's console takes what nobody reads for written.
/// </summary>
internal sealed class StandardOutput : FileStream
{
    private const int Descriptor = 1;

    // EPIPE of errno.h
    private const int BrokenPipe = 32;

    private StandardOutput()
        : base(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0)
    {
    }

    /// <summary>Has <see cref="Console.Out"/> write there, if it is no terminal and no file.</summary>
    public static void UseIfPipe()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return;
        }

        // Of a file this stream would keep a place of its own, and others who write to it would not know.
        StandardOutput pipe = new();
        if (!pipe.CanSeek)
        {
            Console.SetOut(new StreamWriter(pipe, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true });
        }
    }

    /// <exception cref="ReaderGoneException">Nobody reads it any more.</exception>
    /// <exception cref="IOException">It is closed, or the disk behind it is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            base.Write(buffer);
        }
        catch (IOException problem) when (problem.HResult == BrokenPipe)
        {
            throw new ReaderGoneException(problem);
        }
        catch (UnauthorizedAccessException problem)
        {
            // EBADF, for which .NET has the same exception as for a file that it may not open, and no path to name.
            throw new IOException("standard output is closed", problem);
        }
    }
}
