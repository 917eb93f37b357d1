using System.ComponentModel;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OptimizeTasks.Runtime.Native;
using OptimizeTasks.Runtime.Promises;
using OptimizeTasks.Runtime.Shapes;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>
/// The inputs of one call in memory of ONNX Runtime's own, added in the model's order; their shapes are checked as they come.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class InputValues : IDisposable, IInputMemory
{
    private readonly ModelRunner _runner;
    private readonly ShapeCheck _check;
    // Not null from the first moment: a finalizer also runs after a constructor that throws.
    private readonly nint[] _values = [];
    private readonly bool[] _owned;
    private readonly object?[] _keepAlive;
    private int _count;

    internal InputValues(ModelRunner runner)
    {
        ObjectDisposedException.ThrowIf(runner.IsDisposed, runner.Contract.ClassName);
        _runner = runner;
        _check = new ShapeCheck(runner.Rules);
        _values = new nint[runner.Contract.Inputs.Length];
        _owned = new bool[_values.Length];
        _keepAlive = new object?[_values.Length];
    }

    /// <summary>Releases the tensors.</summary>
    ~InputValues() => Release();

    internal ModelState? State { get; private set; }

    /// <summary>Adds a tensor.</summary>
    /// <exception cref="ArgumentException">Its shape is wrong.</exception>
    public void Add<T>(in ReadOnlyTensorSpan<T> tensor)
        where T : unmanaged
    {
        ValueRule rule = Next();
        _check.Add(rule, tensor.Lengths);
        nint value = Own(OrtNative.CreateTensor((TensorElementType)rule.Value.Tensor!.ElementType, tensor.Lengths));
        TensorCopy.ToMemory(tensor, OrtNative.Data(value), checked((nuint)tensor.FlattenedLength * (nuint)sizeof(T)));
    }

    /// <summary>Adds a tensor that may be left out.</summary>
    /// <exception cref="ArgumentException">Its shape is wrong.</exception>
    public void AddOptional<T>(in ReadOnlyTensorSpan<T> tensor)
        where T : unmanaged
    {
        if (tensor.Rank == 0)
            _count++;
        else
            Add(tensor);
    }

    /// <summary>Adds a scalar.</summary>
    public void Add<T>(T scalar)
        where T : unmanaged
    {
        ValueRule rule = Next();
        nint value = Own(OrtNative.CreateTensor((TensorElementType)rule.Value.Tensor!.ElementType, []));
        *(T*)OrtNative.Data(value) = scalar;
    }

    /// <summary>Adds a scalar that may be left out.</summary>
    public void AddOptional<T>(T? scalar)
        where T : unmanaged
    {
        if (scalar is { } given)
            Add(given);
        else
            _count++;
    }

    /// <summary>Adds a tensor of strings.</summary>
    /// <exception cref="ArgumentException">Its shape is wrong, or a string is null.</exception>
    public void AddStrings(in ReadOnlyTensorSpan<string> tensor)
    {
        ValueRule rule = Next();
        _check.Add(rule, tensor.Lengths);
        string[] elements = new string[tensor.FlattenedLength];
        tensor.FlattenTo(elements);
        OrtNative.SetStrings(Own(OrtNative.CreateTensor(TensorElementType.String, tensor.Lengths)), elements, rule.Value.Member);
    }

    /// <summary>Adds a tensor of strings that may be left out.</summary>
    /// <exception cref="ArgumentException">Its shape is wrong, or a string is null.</exception>
    public void AddOptionalStrings(in ReadOnlyTensorSpan<string> tensor)
    {
        if (tensor.Rank == 0)
            _count++;
        else
            AddStrings(tensor);
    }

    /// <summary>Adds a string as a scalar.</summary>
    public void AddString(string scalar)
    {
        ValueRule rule = Next();
        OrtNative.SetStrings(Own(OrtNative.CreateTensor(TensorElementType.String, [])), [scalar], rule.Value.Member);
    }

    /// <summary>Adds a string that may be left out, as a scalar.</summary>
    public void AddOptionalString(string? scalar)
    {
        if (scalar is null)
            _count++;
        else
            AddString(scalar);
    }

    /// <summary>Adds a value that remains the caller's.</summary>
    public void Add(OrtValue value)
    {
        ValueRule rule = Next();
        ArgumentNullException.ThrowIfNull(value, rule.Value.Member);
        _keepAlive[_count - 1] = value;
        _values[_count - 1] = OrtNative.Handle(value);
    }

    /// <summary>Adds a value that remains the caller's and may be left out.</summary>
    public void AddOptional(OrtValue? value)
    {
        if (value is null)
            _count++;
        else
            Add(value);
    }

    /// <summary>Adds a part of the state.</summary>
    public void AddState(ModelState state, int index)
    {
        ArgumentNullException.ThrowIfNull(state);
        ValueRule rule = Next();
        State = state;
        _keepAlive[_count - 1] = state;
        nint value = _values[_count - 1] = state.Value(index);
        _check.Add(rule, OrtNative.Dimensions(value));
    }

    /// <summary>Releases the tensors.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs the model on these inputs; outputs that belong to a state go into it.</summary>
    internal OutputValues Run(nint runOptions)
    {
        _check.Complete();
        if (!_runner.Promises.IsEmpty)
            _runner.Promises.CheckAll(this);
        ModelContract contract = _runner.Contract;
        byte** inputNames = stackalloc byte*[_values.Length];
        byte** outputNames = stackalloc byte*[contract.Outputs.Length];
        nint* inputs = stackalloc nint[_values.Length];
        int count = 0;
        for (int i = 0; i < _values.Length; i++)
        {
            if (_values[i] == 0)
                continue;
            inputNames[count] = _runner.InputName(i);
            inputs[count++] = _values[i];
        }

        nint[] outputs = new nint[contract.Outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
            outputNames[i] = _runner.OutputName(i);
        fixed (nint* values = outputs)
            _runner.Run(_runner.SessionFor(_check), runOptions, inputNames, inputs, count, outputNames, values, outputs.Length);
        GC.KeepAlive(_keepAlive);
        State?.Take(outputs);
        return new OutputValues(contract, outputs);
    }

    /// <inheritdoc/>
    ReadOnlySpan<nint> IInputMemory.Shape(int input) => _values[input] == 0 ? [] : OrtNative.Dimensions(_values[input]);

    /// <inheritdoc/>
    void* IInputMemory.Data(int input) => OrtNative.Data(_values[input]);

    private ValueRule Next() => _runner.Rules.Inputs[_count++];

    private nint Own(nint value)
    {
        _owned[_count - 1] = true;
        return _values[_count - 1] = value;
    }

    private void Release()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            if (_owned[i])
                OrtNative.Release(_values[i]);
            _owned[i] = false;
        }
    }
}
