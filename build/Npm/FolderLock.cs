namespace OptimizeTasks.Build.Npm;

/// <summary>Lets one process at a time work on a folder; the others wait. A process that dies gives its lock back.</summary>
internal static class FolderLock
{
    public static FileStream Take(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, ".lock");
        for (bool told = false; ; told = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                if (!told)
                    Console.WriteLine($"waiting for another build that works on {folder}");
                Thread.Sleep(200);
            }
        }
    }
}
