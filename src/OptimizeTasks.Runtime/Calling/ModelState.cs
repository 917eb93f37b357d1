using System.ComponentModel;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Native;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>
/// The state of a recurrent model between runs. Each run takes it and leaves the next one in it. For one caller at a time.
/// </summary>
public abstract unsafe class ModelState : IDisposable
{
    private readonly ModelContract _contract;
    // Not null from the first moment: a finalizer also runs after a constructor that throws.
    private readonly nint[] _values = [];
    private bool _disposed;

    /// <summary>A state of zeros; <paramref name="dimensions"/> has, for each part, its dimensions.</summary>
    protected ModelState(OptimizedModel model, params nint[][] dimensions)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dimensions);
        _contract = model.Contract;
        _values = new nint[dimensions.Length];
        for (int i = 0; i < dimensions.Length; i++)
        {
            ElementType type = _contract.Inputs[_contract.States[i].Input].Tensor!.ElementType;
            nuint bytes = ElementSizes.BytesOf(type, dimensions[i]);
            _values[i] = OrtNative.CreateTensor((TensorElementType)type, dimensions[i]);
            NativeMemory.Clear(OrtNative.Data(_values[i]), bytes);
        }
    }

    /// <summary>Releases the state.</summary>
    ~ModelState() => Release();

    /// <summary>Releases the state.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    internal nint Value(int index)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _values[index];
    }

    /// <summary>Takes the outputs that are the next state, and leaves 0 in their place.</summary>
    internal void Take(Span<nint> outputs)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            ref nint output = ref outputs[_contract.States[i].Output];
            Set(i, output);
            output = 0;
        }
    }

    /// <summary>Takes a tensor as a part of the next state.</summary>
    internal void Set(int index, nint value)
    {
        OrtNative.Release(_values[index]);
        _values[index] = value;
    }

    /// <summary>A part's elements, valid until the next run.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected ReadOnlyTensorSpan<T> GetTensor<T>(int index)
        where T : unmanaged => TensorViews.Of<T>(Value(index));

    private void Release()
    {
        _disposed = true;
        OrtNative.ReleaseAll(_values);
    }
}
