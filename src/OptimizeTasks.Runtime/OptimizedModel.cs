using System.Collections.Immutable;
using System.ComponentModel;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Calling;
using OptimizeTasks.Runtime.Loading;

namespace OptimizeTasks.Runtime;

/// <summary>The base of generated classes: a loaded model that runs. Safe for any number of concurrent callers.</summary>
public abstract class OptimizedModel : IDisposable
{
    private readonly ModelRunner _runner;
    private readonly bool _ownsSession;

    /// <summary>A model around a session of the caller's making, which remains the caller's to dispose of.</summary>
    /// <exception cref="ModelMismatchException">The session's model is not the one that the class was generated for.</exception>
    protected OptimizedModel(ModelContract contract, InferenceSession session)
        : this(contract, LoadedModel.Around(contract, session), ownsSession: false)
    {
    }

    /// <summary>A model that was loaded for this class.</summary>
    protected OptimizedModel(ModelContract contract, LoadedModel loaded)
        : this(contract, loaded, ownsSession: true)
    {
    }

    private OptimizedModel(ModelContract contract, LoadedModel loaded, bool ownsSession)
    {
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(loaded);
        Contract = contract;
        Session = loaded.Session;
        Manifest = loaded.Manifest;
        Variant = loaded.Variant;
        Placement = loaded.Placement;
        SizeVariants = loaded.SizeVariants;
        _ownsSession = ownsSession;
        _runner = new ModelRunner(contract, Session, SizeVariants, loaded.OneCallAtATime, loaded.IsOnProcessor);
    }

    /// <summary>ONNX Runtime's session, for what this library does not offer.</summary>
    public InferenceSession Session { get; }

    /// <summary>Which provider runs what.</summary>
    public Placement Placement { get; }

    /// <summary>The manifest of the model, or null where it was loaded without one.</summary>
    public CompiledModel? Manifest { get; }

    /// <summary>The variant of the manifest that was loaded, or null where there is no manifest.</summary>
    public Variant? Variant { get; }

    /// <summary>The graphs that run the calls of certain sizes; <see cref="Session"/> runs all others.</summary>
    public ImmutableArray<SizeVariant> SizeVariants { get; }

    internal ModelContract Contract { get; }

    /// <summary>How many buffers for calls into tensors of the caller wait for the next one.</summary>
    internal int PooledBuffers => _runner.Buffers.Count;

    /// <summary>Releases the model. Calls that are running must have ended.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the model.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _runner.Dispose();
        if (_ownsSession)
        {
            Session.Dispose();
            foreach (SizeVariant variant in SizeVariants)
                variant.Session.Dispose();
        }
    }

    /// <summary>Begins a call into tensors of the caller: checks the shapes and takes buffers for them.</summary>
    /// <exception cref="ArgumentException">A shape is wrong.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected BoundCall Bind(scoped ShapeList shapes) => new(_runner, shapes.Items);

    /// <summary>Begins a call whose outputs are made by the run.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected InputValues NewInputs() => new(_runner);

    /// <summary>Runs the model.</summary>
    /// <exception cref="ArgumentException">A shape is wrong.</exception>
    /// <exception cref="InferenceException">ONNX Runtime cannot run it.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected static OutputValues Invoke(InputValues inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs.Run(0);
    }

    /// <summary>Runs the model on another thread, which reads the inputs until the task has ended. Cancelling ends the native run.</summary>
    /// <exception cref="ArgumentException">A shape is wrong.</exception>
    /// <exception cref="InferenceException">ONNX Runtime cannot run it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected static Task<OutputValues> InvokeAsync(InputValues inputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return CancellableRun.Start(inputs, cancellationToken);
    }
}
