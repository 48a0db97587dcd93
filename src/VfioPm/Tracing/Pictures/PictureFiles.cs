using System.Text;

namespace VfioPm;

/// <summary>Pictures as text and as files, in any <see cref="PictureFormat"/>.</summary>
public static class PictureFiles
{
    /// <summary>The picture as text of a format.</summary>
    public static string To(this Picture picture, PictureFormat format)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(format);
        return format.Write(picture);
    }

    /// <summary>Writes the picture to a file; folders are made.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="path">Where: "out/sleeps.svg".</param>
    /// <param name="format">In which format; by default the one that the name's extension tells.</param>
    /// <returns>The full path, for a test framework that takes attachments.</returns>
    /// <exception cref="ArgumentException">None is given, and none has that extension; the message lists them.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static string Save(this Picture picture, string path, PictureFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(path);
        format ??= PictureFormat.OfFile(path) ?? throw new ArgumentException(
            $"\"{path}\" ends in none of {string.Join(", ", PictureFormat.All.Select(known => known.Extension))}.", nameof(path));
        string file = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, picture.To(format), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return file;
    }
}
