namespace VfioPm;

/// <summary>Bytes of a host's state, which its forks share until one of them changes them.</summary>
internal sealed class SharedBytes
{
    private byte[] _bytes;
    private bool _isShared;
    private ulong? _digest;

    /// <summary>These bytes.</summary>
    public SharedBytes(byte[] bytes) => _bytes = bytes;

    /// <summary>The same bytes for a fork.</summary>
    public SharedBytes(SharedBytes original)
    {
        _bytes = original._bytes;
        _digest = original._digest;
        _isShared = original._isShared = true;
    }

    public int Length => _bytes.Length;

    public ReadOnlySpan<byte> All => _bytes;

    /// <summary>The bytes to be changed: from now on nobody else's, and not what the digest says.</summary>
    public Span<byte> Change()
    {
        _digest = null;
        if (_isShared)
        {
            _bytes = [.. _bytes];
            _isShared = false;
        }

        return _bytes;
    }

    public void AddTo(ref StateHash hash) => hash.Add((long)(_digest ??= ComputeDigest()));

    private ulong ComputeDigest()
    {
        StateHash digest = StateHash.Empty;
        digest.Add(_bytes);
        return digest.Value;
    }
}
