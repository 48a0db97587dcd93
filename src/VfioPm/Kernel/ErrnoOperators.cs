namespace VfioPm;

/// <summary>Errors as functions of the kernel return them: <c>return -Errno.EINVAL;</c>.</summary>
public static class ErrnoOperators
{
    extension(Errno)
    {
        /// <summary>The <c>int</c> that says so: negative, where success is 0 or a count.</summary>
        public static int operator -(Errno error) => -(int)error;
    }
}
