namespace VfioPm;

/// <summary>Bytes of a host's state, which its forks share until one of them changes them. A field of whoever has them.</summary>
internal struct SharedBytes
{
    private byte[] _bytes;
    private bool _isShared;
    private ulong? _digest;

    /// <summary>These bytes.</summary>
    public SharedBytes(byte[] bytes) => _bytes = bytes;

    /// <summary>The same bytes for a fork.</summary>
    public SharedBytes(ref SharedBytes original)
    {
        original._isShared = true;
        this = original;
    }

    /// <summary>Bytes that others have too, and nobody changes.</summary>
    public static SharedBytes Of(byte[] bytes) => new(bytes) { _isShared = true };

    public readonly int Length => _bytes.Length;

    public readonly ReadOnlySpan<byte> All => _bytes;

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

    private readonly ulong ComputeDigest()
    {
        StateHash digest = StateHash.Empty;
        digest.Add(_bytes);
        return digest.Value;
    }
}
