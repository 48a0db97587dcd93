namespace VfioPm;

/// <summary>Is told of every power state that the kernel comes to believe a function to be in.</summary>
internal interface ICurrentStateListener
{
    /// <summary>The belief changed from <paramref name="before"/>.</summary>
    void OnCurrentStateChanged(PowerState before);
}
