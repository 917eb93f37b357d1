using System.Collections.Immutable;
using OptimizeTasks.Onnx.Copying;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Reading;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx;

/// <summary>
/// A model: the main graph, the operator sets it is written in, functions, and what its producer says of it. A model that
/// was read from a file keeps that file open until it is disposed of; tensors that are read afterwards open it again.
/// </summary>
public sealed class Model : IDisposable
{
    /// <summary>A model around this graph.</summary>
    public Model(Graph graph) => Graph = graph;

    /// <summary>The version of the file format (ONNX's <c>ir_version</c>).</summary>
    public long IrVersion { get; set; }

    /// <summary>The tool that wrote the model, or null.</summary>
    public string? ProducerName { get; set; }

    /// <summary>The version of that tool, or null.</summary>
    public string? ProducerVersion { get; set; }

    /// <summary>The model's own domain, or null.</summary>
    public string? Domain { get; set; }

    /// <summary>The model's own version, or null.</summary>
    public long? ModelVersion { get; set; }

    /// <summary>Documentation in the file, or null.</summary>
    public string? DocString { get; set; }

    /// <summary>Free metadata (<c>metadata_props</c>), in file order.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; set; } = [];

    /// <summary>The version of each operator domain; <c>""</c> is ONNX's own.</summary>
    public IDictionary<string, long> Opsets { get; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>The main graph.</summary>
    public Graph Graph { get; }

    /// <summary>The functions that the model defines itself.</summary>
    public IList<Function> Functions { get; } = [];

    /// <summary>The version of ONNX's own operator set; 0 where the model does not say.</summary>
    public long Opset => Opsets.TryGetValue("", out long version) ? version : 0;

    /// <summary>
    /// Whether a caller can give another value to an input that has an initializer. Files before IR version 4 had to list
    /// every initializer among the inputs, and ONNX Runtime takes those for constants.
    /// </summary>
    public bool InitializersAreOverridable => IrVersion is 0 or >= 4;

    /// <summary>The paths of the files that the model was read from: its own first, then those with external data.</summary>
    public IReadOnlyList<string> FilePaths => [.. Files.Select(f => f.FilePath)];

    /// <summary>
    /// A model that is written as this one is, and that can be changed without it. Weights are shared, and so are the files
    /// that this one was read from.
    /// </summary>
    public Model Copy() => ModelCopy.Of(this);

    internal Origin<ModelProto>? Origin { get; set; }

    internal ImmutableArray<FileSource> Files { get; set; } = [];

    /// <summary>Closes the files that the model was read from.</summary>
    public void Dispose()
    {
        foreach (FileSource file in Files)
            file.Close();
    }
}
