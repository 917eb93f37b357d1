using System.Collections.Concurrent;
using System.Text;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution.Workers;

namespace OptimizeTasks.Execution;

/// <summary>The worker's side: runs models that the process at the other end of two streams asks for.</summary>
public static class WorkerHost
{
    private static readonly TimeSpan _timeToEnd = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Serves standard input and output until the host closes them: the whole life of a process. What is printed goes to
    /// standard error, and a run that does not end with the host ends with the process.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        using Stream input = Console.OpenStandardInput();
        using Stream output = Console.OpenStandardOutput();
        Console.SetOut(Console.Error);
        OfferToOutOfMemoryKiller();
        using var hostGone = new CancellationTokenSource();
        using CancellationTokenRegistration end = hostGone.Token.Register(
            () => Task.Delay(_timeToEnd).ContinueWith(_ => Environment.Exit(1), TaskScheduler.Default));
        Run(input, output, hostGone);
        return 0;
    }

    /// <summary>Serves requests until <paramref name="input"/> ends.</summary>
    /// <param name="input">The host's requests.</param>
    /// <param name="output">The replies.</param>
    public static void Run(Stream input, Stream output)
    {
        using var hostGone = new CancellationTokenSource();
        Run(input, output, hostGone);
    }

    private static void Run(Stream input, Stream output, CancellationTokenSource hostGone)
    {
        using var requests = new BlockingCollection<WorkerRequest>();
        // Requests are read beside the work, so that the end of the host is seen while a model runs.
        var reading = new Thread(() => Read(input, requests, hostGone)) { IsBackground = true };
        reading.Start();
        using var writer = new BinaryWriter(new BufferedStream(output, 1 << 16), Encoding.UTF8, leaveOpen: true);
        using var server = new WorkerServer();
        foreach (WorkerRequest request in requests.GetConsumingEnumerable())
            Answer(server, request, writer, hostGone.Token);
        reading.Join();
    }

    private static void Read(Stream input, BlockingCollection<WorkerRequest> requests, CancellationTokenSource hostGone)
    {
        try
        {
            using var reader = new BinaryReader(new BufferedStream(input, 1 << 16), Encoding.UTF8, leaveOpen: true);
            while (true)
                requests.Add(WorkerRequest.Read(reader));
        }
        catch (IOException)
        {
            // The host closed its end.
        }
        finally
        {
            requests.CompleteAdding();
            hostGone.Cancel();
        }
    }

    private static void Answer(WorkerServer server, WorkerRequest request, BinaryWriter writer, CancellationToken hostGone)
    {
        try
        {
            WorkerReply.Write(writer, server.Handle(request, hostGone));
        }
        catch (ModelRunException e)
        {
            WorkerReply.Write(writer, e.Fault, e.Message);
        }
        catch (OutOfMemoryException)
        {
            WorkerReply.Write(writer, ModelRunFault.Run, "There is not enough memory.");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Nobody waits for the answer.
        }
    }

    /// <summary>Where memory runs out on Linux, the worker ends and not the build.</summary>
    private static void OfferToOutOfMemoryKiller()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                File.WriteAllText("/proc/self/oom_score_adj", "1000");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A wish, not a need.
        }
    }
}
