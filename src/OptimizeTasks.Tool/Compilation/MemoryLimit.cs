namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// Bounds the memory of a process that works on a model nobody vouches for. Beyond it, the work ends with a diagnostic
/// instead of taking the machine's memory; near it, garbage is collected sooner.
/// </summary>
internal static class MemoryLimit
{
    private const string Setting = "GCHeapHardLimit";

    private static readonly long s_available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Bytes that the collected heap may take; null where only the machine bounds it.</summary>
    public static long? Current { get; private set; }

    /// <summary>Bounds the memory by the size of a file; one that is not there sets no bound.</summary>
    public static void Set(string modelPath)
    {
        var file = new FileInfo(modelPath);
        if (file.Exists)
            Set(file.Length);
    }

    /// <summary>
    /// Bounds the memory for a model of so many bytes: a small one may take four times itself and 125 MB of the collected
    /// heap, beside which the runtime takes up to 75 MB; files of many megabytes that are all nodes, as large exports are, more.
    /// </summary>
    public static void Set(long bytes)
    {
        long limit = Math.Max((4 * bytes) + 125_000_000, (12 * bytes) + 90_000_000);
        Current = limit < s_available ? limit : null;
        Apply(Math.Min(limit, s_available));
    }

    /// <summary>Takes the bound away, for work that depends on more than the model.</summary>
    public static void Remove()
    {
        Current = null;
        Apply(s_available);
    }

    private static void Apply(long heap)
    {
        AppContext.SetData(Setting, (ulong)heap);
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException)
        {
            // The heap is larger already, of other work in this process.
            Current = null;
        }
    }
}
