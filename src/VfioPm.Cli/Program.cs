using System.CommandLine;
using VfioPm.Cli;

RootCommand root = new("Simulates what Linux's vfio-pci does to a device's power.")
{
    ReplayCommand.Create(),
};
return root.Parse(args).Invoke();
