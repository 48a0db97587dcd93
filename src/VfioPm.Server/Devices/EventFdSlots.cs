namespace VfioPm.Server;

/// <summary>The client's eventfds by what they are for.</summary>
internal sealed class EventFdSlots
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Slot, ForwardedEventFd> _eventFds = [];

    /// <summary>The interrupts for which there are any.</summary>
    public IReadOnlyList<uint> Indexes
    {
        get
        {
            lock (_lock)
            {
                return [.. _eventFds.Keys.Select(static slot => slot.Index).OfType<uint>().Distinct()];
            }
        }
    }

    /// <summary>Puts one in its place, or none; the one that was there is given back.</summary>
    public void Set(Slot slot, ForwardedEventFd? eventFd)
    {
        lock (_lock)
        {
            if (_eventFds.Remove(slot, out ForwardedEventFd? before))
            {
                before.Dispose();
            }

            if (eventFd is not null)
            {
                _eventFds.Add(slot, eventFd);
            }
        }
    }

    /// <summary>Gives back all of an interrupt index.</summary>
    public void Clear(uint index) => RemoveWhere(slot => slot.Index == index);

    /// <summary>Gives all back.</summary>
    public void Clear() => RemoveWhere(static _ => true);

    /// <summary>Hands on what has been signalled.</summary>
    public void Forward()
    {
        lock (_lock)
        {
            foreach (ForwardedEventFd eventFd in _eventFds.Values)
            {
                eventFd.Forward();
            }
        }
    }

    private void RemoveWhere(Predicate<Slot> isMeant)
    {
        lock (_lock)
        {
            foreach (Slot slot in _eventFds.Keys.Where(slot => isMeant(slot)).ToList())
            {
                _eventFds.Remove(slot, out ForwardedEventFd? removed);
                removed!.Dispose();
            }
        }
    }

    /// <summary>What an eventfd is for.</summary>
    /// <param name="Index">The interrupt index; null for the wakeup of low power.</param>
    /// <param name="Vector">Which interrupt of it.</param>
    public readonly record struct Slot(uint? Index, uint Vector)
    {
        public static Slot Wakeup => default;
    }
}
