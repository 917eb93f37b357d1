using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Sessions;

/// <summary>Runs a model in memory through a file that is gone afterwards.</summary>
internal static class ModelFile
{
    public static IReadOnlyDictionary<string, Tensor> Run(
        IModelRunner runner, Model model, IReadOnlyDictionary<string, Tensor> inputs, RunLimits limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        string folder = Directory.CreateTempSubdirectory("OptimizeTasks-run-").FullName;
        try
        {
            string path = Path.Combine(folder, "model.onnx");
            ModelWriter.Write(model, path, cancellationToken: cancellationToken);
            using IModelSession session = runner.Load(path, SessionSettings.Unoptimized, limits, cancellationToken);
            return session.Run(inputs, [.. model.Graph.Outputs.Select(o => o.Name)], limits, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
