namespace VfioPm.Cli;

/// <summary>Files that are written: none that is read, none twice.</summary>
/// <param name="inputs">What is read.</param>
internal sealed class OutputFiles(IEnumerable<string> inputs)
{
    private readonly HashSet<string> _inputs = [.. inputs.Select(RealPath.Of)];
    private readonly HashSet<string> _written = [];

    /// <summary>Opens a file below a folder, which is made; what it held is gone.</summary>
    /// <exception cref="BadInputException">It is read in the same run, was written before, or cannot be written.</exception>
    public FileStream Create(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        try
        {
            if (File.Exists(folder))
            {
                throw new BadInputException($"{folder}: a file, and no folder");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            Claim(path);
            return File.Create(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be written: {problem.Message}");
        }
    }

    /// <summary>Refuses what somebody else is about to write.</summary>
    /// <exception cref="BadInputException">It is read in the same run, or was written before.</exception>
    public void Claim(string path)
    {
        string real = RealPath.Of(path);
        if (_inputs.Contains(real))
        {
            throw new BadInputException($"{path}: is what is read, and is not overwritten");
        }

        if (!_written.Add(real))
        {
            throw new BadInputException($"{path}: was written in this run already, of another of that name");
        }
    }
}
