using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Native;
using OptimizeTasks.Runtime.Promises;
using OptimizeTasks.Runtime.Shapes;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>Native memory for the inputs and outputs of one call at a time, with the tensors over it.</summary>
internal sealed unsafe class CallBuffers : IDisposable
{
    private const nuint Alignment = 64;
    private const int NoShapes = -1;

    private readonly ModelRunner _runner;
    private readonly ShapeCheck _check;
    private readonly Buffer[] _buffers;
    private readonly nint* _tensors;
    private readonly byte** _names;
    private nint _session;
    private nint _binding;
    private nint[] _shapes = [];
    private int _shapesLength = NoShapes;
    private readonly List<(int Position, int Part)> _stateInputs = [];
    private readonly List<(int Position, int Part)> _stateOutputs = [];
    private int _inputCount;
    private int _outputCount;

    public CallBuffers(ModelRunner runner)
    {
        _runner = runner;
        _check = new ShapeCheck(runner.Rules);
        int count = runner.Contract.Inputs.Length + runner.Contract.Outputs.Length;
        _buffers = new Buffer[count];
        _tensors = (nint*)NativeMemory.AllocZeroed((nuint)count + 1, (nuint)sizeof(nint));
        _names = (byte**)NativeMemory.AllocZeroed((nuint)count + 1, (nuint)sizeof(byte*));
    }

    ~CallBuffers() => Free();

    private int InputLength => _runner.Contract.Inputs.Length;

    /// <summary>Whether the tensors have these shapes. May be asked while another caller reshapes them: then the answer is a guess.</summary>
    public bool HasShapes(ReadOnlySpan<nint> shapes) =>
        Volatile.Read(ref _shapesLength) == shapes.Length && shapes.SequenceEqual(_shapes.AsSpan(0, shapes.Length));

    /// <summary>Makes the tensors have these shapes, which are checked unless they were the last ones too.</summary>
    public void Reshape(ReadOnlySpan<nint> shapes)
    {
        if (HasShapes(shapes))
            return;
        _check.CheckAll(shapes);
        _session = _runner.SessionFor(_check);
        Volatile.Write(ref _shapesLength, NoShapes);
        ReleaseTensors();
        CreateTensors(shapes);
        if (_shapes.Length < shapes.Length)
            _shapes = new nint[shapes.Length];
        shapes.CopyTo(_shapes);
        Volatile.Write(ref _shapesLength, shapes.Length);
    }

    public void Run(ModelState? state)
    {
        if (!_runner.Promises.IsEmpty)
            _runner.Promises.CheckAll(new CopiedInputs(this, state));
        if (_binding != 0)
        {
            _runner.Run(_session, _binding);
            return;
        }

        if (state is null)
        {
            _runner.Run(_session, 0, _names, _tensors, _inputCount, _names + _inputCount, _tensors + _inputCount, _outputCount);
            return;
        }

        // The state's parts stand among the tensors only during the run.
        try
        {
            foreach ((int position, int part) in _stateInputs)
                _tensors[position] = state.Value(part);
            _runner.Run(_session, 0, _names, _tensors, _inputCount, _names + _inputCount, _tensors + _inputCount, _outputCount);
            foreach ((int position, int part) in _stateOutputs)
                state.Set(part, _tensors[position]);
        }
        finally
        {
            foreach ((int position, _) in _stateInputs)
                _tensors[position] = 0;
            foreach ((int position, _) in _stateOutputs)
                _tensors[position] = 0;
        }
    }

    /// <summary>The memory of an input; null if it was left out.</summary>
    public void* Input(int index, out nuint bytes) => _buffers[index].Get(out bytes);

    /// <summary>The memory of an output.</summary>
    public void* Output(int index, out nuint bytes) => _buffers[InputLength + index].Get(out bytes);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void CreateTensors(ReadOnlySpan<nint> shapes)
    {
        _stateInputs.Clear();
        _stateOutputs.Clear();
        int next = 0;
        for (int i = 0; i < _buffers.Length; i++)
        {
            if (i == InputLength)
                _inputCount = next;
            nint rank = shapes[0];
            shapes = shapes[1..];
            if (rank == ShapeList.Absent)
                continue;
            _names[next] = i < InputLength ? _runner.InputName(i) : _runner.OutputName(i - InputLength);
            if (rank == ShapeList.InState)
            {
                AddStatePart(i, next);
            }
            else
            {
                _tensors[next] = CreateTensor(i, shapes[..(int)rank]);
                shapes = shapes[(int)rank..];
            }

            next++;
        }

        if (InputLength == _buffers.Length)
            _inputCount = next;
        _outputCount = next - _inputCount;
        if (_runner.IsOnProcessor && _stateInputs.Count == 0)
            _binding = _runner.Bind(_session, _names, _tensors, _inputCount, _outputCount);
    }

    private nint CreateTensor(int index, ReadOnlySpan<nint> dimensions)
    {
        ValueContract value = index < InputLength ? _runner.Contract.Inputs[index] : _runner.Contract.Outputs[index - InputLength];
        ElementType type = value.Tensor!.ElementType;
        _buffers[index].Resize(ElementSizes.BytesOf(type, dimensions));
        void* data = _buffers[index].Get(out nuint bytes);
        return OrtNative.CreateTensor((TensorElementType)type, dimensions, data, bytes);
    }

    private void AddStatePart(int index, int position)
    {
        (int Input, int Output)[] states = _runner.Contract.States;
        if (index < InputLength)
            _stateInputs.Add((position, Array.FindIndex(states, state => state.Input == index)));
        else
            _stateOutputs.Add((position, Array.FindIndex(states, state => state.Output == index - InputLength)));
    }

    private void ReleaseTensors()
    {
        if (_binding != 0)
            OrtNative.ReleaseBinding(_binding);
        _binding = 0;
        OrtNative.ReleaseAll(new Span<nint>(_tensors, _buffers.Length));
    }

    private void Free()
    {
        ReleaseTensors();
        foreach (ref Buffer buffer in _buffers.AsSpan())
            buffer.Free();
        NativeMemory.Free(_tensors);
        NativeMemory.Free(_names);
    }

    /// <summary>The inputs of the call that is about to run.</summary>
    private readonly struct CopiedInputs(CallBuffers buffers, ModelState? state) : IInputMemory
    {
        public ReadOnlySpan<nint> Shape(int input)
        {
            ReadOnlySpan<nint> shapes = buffers._shapes;
            for (int i = 0; i < input; i++)
                shapes = shapes[(1 + (int)Math.Max(shapes[0], 0))..];
            return shapes[0] == ShapeList.InState ? StateShape(input) : shapes.Slice(1, (int)Math.Max(shapes[0], 0));
        }

        public void* Data(int input) => buffers.Input(input, out _);

        private ReadOnlySpan<nint> StateShape(int input) =>
            OrtNative.Dimensions(state!.Value(Array.FindIndex(buffers._runner.Contract.States, part => part.Input == input)));
    }

    /// <summary>Memory that only grows.</summary>
    private struct Buffer
    {
        private void* _data;
        private nuint _capacity;
        private nuint _bytes;

        public readonly void* Get(out nuint bytes)
        {
            bytes = _bytes;
            return _data;
        }

        public void Resize(nuint bytes)
        {
            if (bytes > _capacity || _data is null)
            {
                NativeMemory.AlignedFree(_data);
                _data = null;
                _capacity = 0;
                nuint capacity = Math.Max(bytes, Alignment);
                _data = NativeMemory.AlignedAlloc(capacity, Alignment);
                _capacity = capacity;
            }

            _bytes = bytes;
        }

        public void Free()
        {
            NativeMemory.AlignedFree(_data);
            _data = null;
        }
    }
}
