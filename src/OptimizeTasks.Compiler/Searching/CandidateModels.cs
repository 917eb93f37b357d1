using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>Compiles a model under one plan after the other, into a folder.</summary>
/// <param name="options">What is asked for beside the plan.</param>
/// <param name="runner">Runs constant parts of the graph.</param>
/// <param name="path">The model.</param>
/// <param name="folder">Where the compiled models go.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class CandidateModels(CompilerOptions options, IModelRunner runner, string path, string folder, CancellationToken cancellationToken)
{
    /// <summary>The model in floating point.</summary>
    /// <exception cref="CompilationException">It cannot be compiled.</exception>
    public CandidateModel MakeFloat(string name) => Make(options with { Quantization = QuantizationMode.None, Plan = null }, name);

    /// <summary>The model under a plan; null where it cannot be compiled so.</summary>
    public CandidateModel? TryMake(CompressionPlan plan, string name) => TryMake(options with { Quantization = QuantizationMode.None, Plan = plan }, name);

    /// <summary>The model with every layer in one format; null where it cannot be compiled so.</summary>
    public CandidateModel? TryMake(QuantizationMode mode, string name) => TryMake(options with { Quantization = mode, Plan = null }, name);

    private CandidateModel? TryMake(CompilerOptions asked, string name)
    {
        try
        {
            return Make(asked, name);
        }
        catch (CompilationException)
        {
            // Weights or activations that one format cannot have are no reason to leave out the others.
            return null;
        }
    }

    private CandidateModel Make(CompilerOptions asked, string name)
    {
        using CompilationResult result = new ModelCompiler(asked with { DumpFolder = null, Explain = null }, runner).Compile(path, cancellationToken: cancellationToken);
        string written = Path.Combine(folder, name + ".onnx");
        // Not every candidate has data, and that of the last one would count.
        foreach (string earlier in Directory.GetFiles(folder, name + ".onnx*"))
            File.Delete(earlier);
        ModelWriter.Write(result.Model, written, result.WriteOptions, cancellationToken);
        // Data stand beside the model under its name.
        long bytes = Directory.EnumerateFiles(folder, name + ".onnx*").Sum(file => new FileInfo(file).Length);
        return new CandidateModel(written, new SessionSettings { Optimization = result.LoadOptimization }, bytes, result.Plan);
    }
}
