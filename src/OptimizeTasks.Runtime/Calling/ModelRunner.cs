using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Runtime.Native;
using OptimizeTasks.Runtime.Promises;
using OptimizeTasks.Runtime.Shapes;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>Runs a session: names in native memory, rules of shapes, buffers to reuse. Safe for any number of concurrent callers.</summary>
internal sealed unsafe class ModelRunner : IDisposable
{
    private readonly InferenceSession _session;
    private readonly nint _handle;
    private readonly SizedSession[] _sized;
    private readonly RunOptions _runOptions;
    private readonly object? _gate;
    private readonly byte** _inputNames;
    private readonly byte** _outputNames;

    public ModelRunner(ModelContract contract, InferenceSession session, IEnumerable<SizeVariant> sized, bool oneAtATime, bool isOnProcessor)
    {
        Contract = contract;
        _session = session;
        _handle = OrtNative.Handle(session);
        _runOptions = new RunOptions();
        IsOnProcessor = isOnProcessor;
        _gate = oneAtATime ? new object() : null;
        Rules = new ShapeRules(contract);
        _sized = [.. sized.Select(variant => new SizedSession(variant, Rules))];
        Promises = new PromiseChecks(contract);
        _inputNames = Names(contract.Inputs);
        _outputNames = Names(contract.Outputs);
        Buffers = new BufferPool(this);
    }

    public ModelContract Contract { get; }

    public ShapeRules Rules { get; }

    public PromiseChecks Promises { get; }

    public BufferPool Buffers { get; }

    /// <summary>Whether nothing runs anywhere else, so that tensors may stay bound between runs.</summary>
    public bool IsOnProcessor { get; }

    /// <summary>Whether the model was disposed of.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>The input's name in native memory.</summary>
    public byte* InputName(int index) => _inputNames[index];

    /// <summary>The output's name in native memory.</summary>
    public byte* OutputName(int index) => _outputNames[index];

    /// <summary>The session for a call whose shapes were checked: the general one where there is none for its sizes.</summary>
    public nint SessionFor(ShapeCheck shapes)
    {
        foreach (SizedSession sized in _sized)
        {
            if (sized.IsFor(shapes))
                return sized.Handle;
        }

        return _handle;
    }

    public void Run(nint session, nint runOptions, byte** inputNames, nint* inputs, int inputCount, byte** outputNames, nint* outputs, int outputCount)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, Contract.ClassName);
        if (_gate is null)
        {
            OrtNative.Run(session, runOptions, inputNames, inputs, inputCount, outputNames, outputs, outputCount);
        }
        else
        {
            lock (_gate)
                OrtNative.Run(session, runOptions, inputNames, inputs, inputCount, outputNames, outputs, outputCount);
        }

        GC.KeepAlive(_session);
        GC.KeepAlive(_sized);
    }

    /// <summary>A binding of these tensors; only where <see cref="IsOnProcessor"/>.</summary>
    public nint Bind(nint session, byte** names, nint* tensors, int inputCount, int outputCount) => OrtNative.CreateBinding(session, names, tensors, inputCount, outputCount);

    /// <summary>Runs the model on a binding, which was made for this session.</summary>
    public void Run(nint session, nint binding)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, Contract.ClassName);
        OrtNative.RunBinding(session, _runOptions.DangerousGetHandle(), binding);
        GC.KeepAlive(_session);
        GC.KeepAlive(_sized);
    }

    public void Dispose()
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        _runOptions.Dispose();
        Buffers.Dispose();
        Free(_inputNames, Contract.Inputs.Length);
        Free(_outputNames, Contract.Outputs.Length);
    }

    private static byte** Names(ValueContract[] values)
    {
        var names = (byte**)NativeMemory.AllocZeroed((nuint)values.Length + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < values.Length; i++)
        {
            byte[] name = Encoding.UTF8.GetBytes(values[i].Name);
            names[i] = (byte*)NativeMemory.AllocZeroed((nuint)name.Length + 1);
            name.CopyTo(new Span<byte>(names[i], name.Length));
        }

        return names;
    }

    private static void Free(byte** names, int count)
    {
        for (int i = 0; i < count; i++)
            NativeMemory.Free(names[i]);
        NativeMemory.Free(names);
    }
}
