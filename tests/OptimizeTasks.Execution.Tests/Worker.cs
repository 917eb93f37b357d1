namespace OptimizeTasks.Execution.Tests;

/// <summary>This assembly as a worker.</summary>
internal static class Worker
{
    public static WorkerCommand Command { get; } = WorkerCommand.OfAssembly(typeof(Worker).Assembly.Location, "worker");

    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["worker"]:
                return WorkerHost.Run();
            case ["chatter"]:
                Console.Out.Write("Something that a library might print.");
                return WorkerHost.Run();
            default:
                Console.Error.WriteLine("This cannot work.");
                return 7;
        }
    }
}
