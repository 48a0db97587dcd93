namespace VfioPm.ApiReference;

/// <summary>
/// Run in the repository: writes the listings and the pages, and takes away the pages of types that are gone.
/// </summary>
internal static class Program
{
    public static void Main()
    {
        GeneratedFiles files = new(Directory.GetCurrentDirectory());
        files.Write();
        Console.WriteLine($"{files.Current.Count} files written.");
    }
}
