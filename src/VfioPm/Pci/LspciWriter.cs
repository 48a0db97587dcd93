using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>Writes functions as <c>lspci -xxxx</c> does, so that <c>lspci -F</c> can decode them.</summary>
internal static class LspciWriter
{
    private const int RowSize = 16;

    public static string Write(IReadOnlyCollection<DeviceImage> images)
    {
        // lspci's own rule: the domain is written where there is more than the first.
        bool withDomain = images.Any(image => image.Address.Domain != 0);
        var text = new StringBuilder();
        foreach (DeviceImage image in images)
        {
            string address = withDomain ? image.Address.ToString() : image.Address.ToStringWithoutDomain();
            text.Append(CultureInfo.InvariantCulture, $"{address} {image.Title}\n");
            WriteRows(text, image.Bytes.Span);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static void WriteRows(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        for (int row = 0; row < bytes.Length; row += RowSize)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row:x2}:");
            foreach (byte value in bytes.Slice(row, RowSize))
            {
                text.Append(CultureInfo.InvariantCulture, $" {value:x2}");
            }

            text.Append('\n');
        }
    }
}
