namespace VfioPm;

/// <summary>A function's configuration space, as a kernel that saves and restores it reaches it.</summary>
internal interface IConfigurationAccess
{
    uint ReadConfig(int offset, int width);

    void WriteConfig(int offset, int width, uint value);
}
