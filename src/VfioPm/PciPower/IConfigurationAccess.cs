namespace VfioPm;

/// <summary>A function's configuration space, as a kernel that saves and restores it reaches it.</summary>
internal interface IConfigurationAccess
{
    /// <summary>Where the PCI Express capability begins, if there is one.</summary>
    int? ExpressOffset { get; }

    uint ReadConfig(int offset, int width);

    void WriteConfig(int offset, int width, uint value);
}
