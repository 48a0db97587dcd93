using System.CommandLine;

namespace VfioPm.Cli;

/// <summary><c>vfio-pm timeline RECORDING</c>: what the model does when it plays a recording, as a picture.</summary>
internal static class TimelineCommand
{
    public static Command Create()
    {
        Argument<string> recording = new("RECORDING")
        {
            Description = "A recording of a real kernel (.jsonl or .jsonl.gz).",
        };
        Option<string?> file = PictureFile.CreateOption("Draw into this file, not to the standard output");
        Option<string?> format = new("--format")
        {
            Description = $"One of {string.Join(", ", PictureFormat.All)}; by default what the file's name says, or text.",
            HelpName = "FORMAT",
        };
        var command = new Command("timeline", "Play a recording on the model and draw what happens.")
        {
            recording,
            file,
            format,
        };
        command.SetAction(parsed =>
        {
            PictureFormat? chosen = FormatNamed(parsed.GetValue(format));
            var target = PictureFile.Named(parsed.GetValue(file), chosen);
            string path = parsed.GetRequiredValue(recording);
            Picture picture = Draw(path);
            if (target is not null)
            {
                new OutputFiles([path]).Claim(target.Path);
                target.Write(picture);
            }
            else
            {
                parsed.InvocationConfiguration.Output.Write(picture.To(chosen ?? PictureFormat.Text));
            }
        });
        return command;
    }

    private static PictureFormat? FormatNamed(string? name) => name is null
        ? null
        : PictureFormat.All.FirstOrDefault(format => format.Name == name)
            ?? throw new BadInputException($"there is no format \"{name}\"; there are {string.Join(", ", PictureFormat.All)}");

    private static Picture Draw(string path)
    {
        if (Directory.Exists(path))
        {
            throw new BadInputException($"{path}: a folder; a picture is made of one recording");
        }

        try
        {
            Recording? first = null;
            int number = 0;
            foreach (Recording recording in RecordingFile.Find(path).Single().Read())
            {
                first ??= recording;
                number++;
            }

            return number == 1
                ? Replay.Draw(first!)
                : throw new BadInputException($"{path}: {number} recordings; a picture is made of one");
        }
        catch (RecordingException problem)
        {
            throw new BadInputException(problem);
        }
    }
}
