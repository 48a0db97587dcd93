using System.Globalization;

namespace VfioPm;

/// <summary>
/// Reads the text of <c>lspci -x</c>, <c>-xxx</c> or <c>-xxxx</c>, with or without <c>-v</c>: a line that names
/// the function, indented lines that describe it, rows of sixteen bytes, an empty line.
/// </summary>
/// <remarks>
/// Stricter than <c>lspci -F</c>, which passes over what it does not understand: a damaged dump would become a
/// device that never was.
/// </remarks>
internal sealed class LspciParser
{
    private const int RowSize = 16;

    private readonly List<DeviceImage> _images = [];
    private readonly List<byte> _bytes = [];
    private readonly List<BarClaim> _claims = [];
    private PciAddress? _address;
    private string _title = "";
    private int _deviceLine;
    private int _line;

    private LspciParser()
    {
    }

    public static IReadOnlyList<DeviceImage> Parse(string text)
    {
        var parser = new LspciParser();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            parser._line++;
            parser.ReadLine(line.TrimEnd());
        }

        parser.FinishDevice();
        return parser._images.Count > 0
            ? parser._images
            : throw new DumpFormatException(1, 1, "there is no function in this text.");
    }

    private void ReadLine(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty)
        {
            FinishDevice();
        }
        else if (line[0] is ' ' or '\t')
        {
            ReadDescription(line);
        }
        else if (line[0] != '#')
        {
            int space = line.IndexOf(' ');
            ReadOnlySpan<char> key = space < 0 ? line : line[..space];
            if (key[^1] == ':')
            {
                ReadRow(line, key[..^1]);
            }
            else
            {
                BeginDevice(line, key);
            }
        }
    }

    private void BeginDevice(ReadOnlySpan<char> line, ReadOnlySpan<char> key)
    {
        if (!PciAddress.TryParse(key, out PciAddress address))
        {
            throw Wrong(1, "neither the address of a function nor a row of bytes.");
        }

        FinishDevice();
        if (_images.Exists(image => image.Address == address))
        {
            throw Wrong(1, $"{address} is there already.");
        }

        _address = address;
        _title = line[key.Length..].Trim().ToString();
        _deviceLine = _line;
    }

    private void ReadDescription(ReadOnlySpan<char> line)
    {
        if (_address is null)
        {
            throw Wrong(1, "a description without a function above it.");
        }

        if (RegionLine.TryParse(line, out BarClaim claim))
        {
            _claims.Add(claim);
        }
    }

    private void ReadRow(ReadOnlySpan<char> line, ReadOnlySpan<char> offsetText)
    {
        if (_address is null)
        {
            throw Wrong(1, "bytes without a function above them.");
        }

        if (!int.TryParse(offsetText, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int offset))
        {
            throw Wrong(1, "the offset of the row is no hexadecimal number.");
        }

        if (offset != _bytes.Count)
        {
            throw Wrong(1, $"the row should begin at offset 0x{_bytes.Count:x2}.");
        }

        if (offset >= PciRegisters.ExtendedSize)
        {
            throw Wrong(1, "a configuration space ends at offset 0xfff.");
        }

        int at = offsetText.Length + 1;
        for (int i = 0; i < RowSize; i++, at += 3)
        {
            _bytes.Add(ReadByte(line, at));
        }

        if (at < line.Length)
        {
            throw Wrong(at + 1, $"a row has {RowSize} bytes and ends.");
        }
    }

    private byte ReadByte(ReadOnlySpan<char> line, int at)
    {
        if (at >= line.Length)
        {
            throw Wrong(line.Length + 1, $"the row ends before its {RowSize} bytes are there.");
        }

        if (line[at] != ' ')
        {
            throw Wrong(at + 1, "there should be a space.");
        }

        ReadOnlySpan<char> digits = line[(at + 1)..Math.Min(at + 3, line.Length)];
        for (int i = 0; i < 2; i++)
        {
            if (i >= digits.Length || !char.IsAsciiHexDigit(digits[i]))
            {
                throw Wrong(at + 2 + i, "there should be a hexadecimal digit.");
            }
        }

        return byte.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private void FinishDevice()
    {
        if (_address is not { } address)
        {
            return;
        }

        if (_bytes.Count == 0)
        {
            throw new DumpFormatException(
                _deviceLine, 1, $"{address} has no bytes: lspci writes them with -xxx or -xxxx.");
        }

        if (!DeviceImage.IsKnownSize(_bytes.Count))
        {
            throw Wrong(1, $"{address} ends at offset 0x{_bytes.Count:x}: spaces have 64, 128, 256 or 4096 bytes.");
        }

        byte[] bytes = [.. _bytes];
        _images.Add(new DeviceImage(address, _title, bytes, BarClaim.SizesOf(_claims, bytes)));
        _address = null;
        _bytes.Clear();
        _claims.Clear();
    }

    private DumpFormatException Wrong(int column, string problem) => new(_line, column, problem);
}
