using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>
/// What the numbers of file descriptors mean that user space passes in an ioctl's argument (<c>struct files_struct</c> of
/// the process that uses the devices).
/// </summary>
public sealed class DescriptorTable : IForkable
{
    // Standard input, output and error output.
    private const int First = 3;

    private readonly List<FileDescriptor?> _files = [];
    private readonly VirtualClock _host;

    internal DescriptorTable(VirtualClock host) => _host = host;

    private DescriptorTable(DescriptorTable original, ForkContext fork)
    {
        fork.Register(original, this);
        _host = fork.Of(original._host);
        foreach (FileDescriptor? file in original._files)
        {
            _files.Add(file?.Fork(fork));
        }
    }

    /// <summary>Gives a file the lowest number that is free, from 3 on (<c>get_unused_fd_flags()</c>).</summary>
    /// <exception cref="ArgumentException">
    /// It is no open file: it has no number, or one that is not open; or it is an eventfd of another host.
    /// </exception>
    public int Install(FileDescriptor file)
    {
        if (!file.IsOpen)
        {
            throw new ArgumentException("Only an open file can have a number.", nameof(file));
        }

        file.CheckHost(_host);
        file.Claim(_host);
        int place = _files.FindIndex(static file => file is not { IsOpen: true });
        if (place < 0)
        {
            place = _files.Count;
            _files.Add(null);
        }

        _files[place] = file;
        return First + place;
    }

    /// <summary>Gives a number back (<c>close()</c>); the file itself goes on to be whatever it is.</summary>
    /// <returns>0, or -EBADF for a number that no open file has.</returns>
    public KernelResult Close(int number)
    {
        if (!this[number].IsOpen)
        {
            return Errno.EBADF;
        }

        _files[number - First] = null;
        return KernelResult.Success;
    }

    /// <summary>The file that has the number (<c>fget()</c>); <see cref="FileDescriptor.Closed"/> where none has.</summary>
    internal FileDescriptor this[int number] =>
        number < 0 ? FileDescriptor.Negative(number)
        : number >= First && number - First < _files.Count && _files[number - First] is { } file ? file
        : FileDescriptor.Closed;

    /// <summary>The files of so many numbers in memory, or of as many as there are.</summary>
    internal FileDescriptor[] Read(ReadOnlySpan<byte> memory, uint count)
    {
        int there = memory.Length / sizeof(int);
        ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(memory)[..(int)Math.Min(count, there)];
        var files = new FileDescriptor[numbers.Length];
        for (int i = 0; i < files.Length; i++)
        {
            files[i] = this[numbers[i]];
        }

        return files;
    }

    /// <inheritdoc/>
    IForkable IForkable.Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new DescriptorTable(this, fork);
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_files.Count);
        foreach (FileDescriptor? file in _files)
        {
            hash.Add(file is not null);
            file?.AddTo(ref hash);
        }
    }
}
