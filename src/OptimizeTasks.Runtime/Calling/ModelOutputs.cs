using System.ComponentModel;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Runtime.Native;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>
/// The outputs of one run. It owns their memory: spans of it are valid until it is disposed of, so it is held in a
/// <c>using</c> declaration.
/// </summary>
public abstract unsafe class ModelOutputs : IDisposable
{
    private readonly ModelContract _contract;
    // Not null from the first moment: a finalizer also runs after a constructor that throws.
    private readonly nint[] _values = [];
    private readonly OrtValue?[] _wrapped;
    private bool _disposed;

    /// <summary>Takes what a run produced.</summary>
    protected ModelOutputs(OutputValues values)
    {
        ArgumentNullException.ThrowIfNull(values);
        _contract = values.Contract;
        _values = values.Values;
        _wrapped = new OrtValue?[_values.Length];
    }

    /// <summary>Releases the outputs.</summary>
    ~ModelOutputs() => Release();

    /// <summary>Releases the outputs; spans of them are no longer valid.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>An output's elements.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected ReadOnlyTensorSpan<T> GetTensor<T>(int output)
        where T : unmanaged
    {
        nint value = Value(output);
        return TensorViews.Of<T>(value);
    }

    /// <summary>An output that is a scalar.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected T GetScalar<T>(int output)
        where T : unmanaged => *(T*)OrtNative.Data(Value(output));

    /// <summary>An output's strings.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected ReadOnlyTensorSpan<string> GetStrings(int output)
    {
        nint value = Value(output);
        nint[] dimensions = OrtNative.Dimensions(value);
        string[] elements = OrtNative.GetStrings(value, TensorPrimitives.Product<nint>(dimensions));
        return elements.Length == 0 ? default : new ReadOnlyTensorSpan<string>(elements, dimensions);
    }

    /// <summary>An output that is one string.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected string GetString(int output) => OrtNative.GetStrings(Value(output), 1)[0];

    /// <summary>An output as ONNX Runtime's own object, which this object owns.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected OrtValue GetValue(int output) => _wrapped[output] ??= OrtNative.Wrap(Value(output), owned: false);

    /// <summary>An output that is a sequence of tensors.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected IReadOnlyList<Tensor<T>> GetSequence<T>(int output)
        where T : unmanaged => CompositeValues.ReadTensors<T>(GetValue(output));

    /// <summary>An output that is a map.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected IReadOnlyDictionary<TKey, TValue> GetMap<TKey, TValue>(int output)
        where TKey : notnull => CompositeValues.ReadMap<TKey, TValue>(GetValue(output));

    /// <summary>An output that is a sequence of maps.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> GetMaps<TKey, TValue>(int output)
        where TKey : notnull => CompositeValues.ReadMaps<TKey, TValue>(GetValue(output));

    private nint Value(int output)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        nint value = _values[output];
        return value != 0 ? value : throw new InvalidOperationException($"the output {_contract.Outputs[output].Name} went into the state: read it there");
    }

    private void Release()
    {
        _disposed = true;
        OrtNative.ReleaseAll(_values);
    }
}
