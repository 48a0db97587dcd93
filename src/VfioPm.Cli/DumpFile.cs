using System.CommandLine;

namespace VfioPm.Cli;

/// <summary>The file that a command reads: the text of <c>lspci -xxx</c> or <c>-xxxx</c>.</summary>
internal static class DumpFile
{
    /// <summary>The command's argument.</summary>
    public static Argument<string> CreateArgument() => new("DUMP")
    {
        Description = "Text of lspci -vvv -xxxx, as root; without -v sizes of BARs are guessed. - for the standard input.",
    };

    /// <summary>The functions of the dump, as hardware that holds what the dump says.</summary>
    /// <exception cref="BadInputException">There is no such file, or it is no such text.</exception>
    public static IReadOnlyList<PciFunction> Load(string path)
    {
        if (Directory.Exists(path))
        {
            throw new BadInputException($"{path}: a folder, and no dump");
        }

        try
        {
            string text = path == "-" ? InputFiles.ReadText(Console.In) : InputFiles.ReadText(path);
            return [.. DeviceImage.ParseLspci(text).Select(image => PciFunction.Standalone(image))];
        }
        catch (Exception problem) when (problem is DumpFormatException or InvalidDataException)
        {
            throw new BadInputException($"{path}: {problem.Message}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException(problem);
        }
    }
}
