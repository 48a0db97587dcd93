namespace VfioPm;

/// <summary>
/// What a user may write behind the name of a device that it opens: " vf_token=" and a UUID
/// (<c>vfio_pci_core_match()</c>).
/// </summary>
/// <param name="Token">The token, or null for none.</param>
internal readonly record struct OpenOptions(Guid? Token)
{
    private const string TokenArgument = "vf_token=";
    private const int UuidLength = 36;

    /// <summary>Reads the text.</summary>
    /// <returns>0; -EINVAL for an option that there is not, or that is given twice, and for what is no UUID.</returns>
    public static int TryParse(ReadOnlySpan<char> text, out OpenOptions options)
    {
        options = default;
        while (!(text = text.TrimStart(' ')).IsEmpty)
        {
            if (options.Token is not null
                || !text.StartsWith(TokenArgument, StringComparison.Ordinal)
                || text.Length < TokenArgument.Length + UuidLength
                || !Guid.TryParseExact(text.Slice(TokenArgument.Length, UuidLength), "D", out Guid token))
            {
                return -Errno.EINVAL;
            }

            options = new OpenOptions(token);
            text = text[(TokenArgument.Length + UuidLength)..];
        }

        return 0;
    }
}
