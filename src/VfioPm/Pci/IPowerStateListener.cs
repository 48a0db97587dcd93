namespace VfioPm;

/// <summary>Is told of every power state that a function's hardware comes to be in, whoever brought it there.</summary>
internal interface IPowerStateListener
{
    /// <summary>The state changed from <paramref name="before"/> to what the function says now.</summary>
    void OnPowerStateChanged(PowerState before);
}
