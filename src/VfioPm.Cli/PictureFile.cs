using System.CommandLine;

namespace VfioPm.Cli;

/// <summary>A file that a picture goes to.</summary>
internal sealed record PictureFile(string Path, PictureFormat Format)
{
    private static readonly string Extensions = string.Join(", ", PictureFormat.All.Select(format => format.Extension));

    /// <summary>The option that names it.</summary>
    public static Option<string?> CreateOption(string description) => new("--output", "-o")
    {
        Description = $"{description}; the name's end says how: {Extensions}.",
        HelpName = "FILE",
    };

    /// <summary>The file of that name, or null where none is given.</summary>
    /// <param name="path">The name.</param>
    /// <param name="format">Its format, if the name is not to tell.</param>
    /// <exception cref="BadInputException">The name tells no format.</exception>
    public static PictureFile? Named(string? path, PictureFormat? format = null) => path is null
        ? null
        : new PictureFile(path, format ?? PictureFormat.OfFile(path)
            ?? throw new BadInputException($"{path}: the name ends in none of {Extensions}"));

    /// <summary>Writes it.</summary>
    /// <exception cref="BadInputException">It cannot be written.</exception>
    public void Write(Picture picture)
    {
        if (Directory.Exists(Path))
        {
            throw new BadInputException($"{Path}: a folder, and no file");
        }

        try
        {
            picture.Save(Path, Format);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException(problem);
        }
    }
}
