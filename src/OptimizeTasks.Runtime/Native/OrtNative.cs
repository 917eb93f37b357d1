using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OptimizeTasks.Runtime.Native;

/// <summary>
/// ONNX Runtime's C functions that its C# API does not wrap, or wraps with an allocation per call. The table of functions
/// (<see cref="OrtApi"/>) is public; the handles in it are reached without reflection.
/// </summary>
internal static unsafe partial class OrtNative
{
    private static readonly OrtApi* s_api = LoadApi();

    /// <summary>Version of the native library, for instance <c>1.29.0</c>.</summary>
    public static string Version => Utf8(((delegate* unmanaged<byte*>)OrtGetApiBase()->GetVersionString)());

    /// <summary>The table of functions; a field is null where the native library is older than it.</summary>
    public static OrtApi* Api => s_api;

    /// <summary>The memory that inputs and outputs of callers live in.</summary>
    public static nint CpuMemory { get; } = CreateCpuMemory();

    /// <summary>The allocator of that memory.</summary>
    public static nint CpuAllocator { get; } = GetDefaultAllocator();

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Handle")]
    public static extern nint Handle(InferenceSession session);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Handle")]
    public static extern nint Handle(OrtValue value);

    /// <summary>Wraps a handle; the wrapper releases it if it owns it.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern OrtValue Wrap(nint handle, bool owned);

    /// <summary>A tensor in memory of ONNX Runtime's own.</summary>
    public static nint CreateTensor(TensorElementType type, ReadOnlySpan<nint> dimensions)
    {
        nint value;
        Span<long> sizes = stackalloc long[Math.Max(1, dimensions.Length)];
        Widen(dimensions, sizes);
        fixed (long* shape = sizes)
        {
            Check(((delegate* unmanaged<nint, long*, nuint, TensorElementType, nint*, nint>)s_api->CreateTensorAsOrtValue)(
                CpuAllocator, shape, (nuint)dimensions.Length, type, &value));
        }

        return value;
    }

    /// <summary>A tensor over memory that the caller keeps alive and in place.</summary>
    public static nint CreateTensor(TensorElementType type, ReadOnlySpan<nint> dimensions, void* data, nuint bytes)
    {
        nint value;
        Span<long> sizes = stackalloc long[Math.Max(1, dimensions.Length)];
        Widen(dimensions, sizes);
        fixed (long* shape = sizes)
        {
            Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, TensorElementType, nint*, nint>)s_api->CreateTensorWithDataAsOrtValue)(
                CpuMemory, data, bytes, shape, (nuint)dimensions.Length, type, &value));
        }

        return value;
    }

    public static void Release(nint value) => ((delegate* unmanaged<nint, void>)s_api->ReleaseValue)(value);

    /// <summary>Releases the values that are there, and forgets them.</summary>
    public static void ReleaseAll(Span<nint> values)
    {
        foreach (ref nint value in values)
        {
            if (value != 0)
                Release(value);
            value = 0;
        }
    }

    /// <summary>The tensor's data: of an output of a model valid until it is released.</summary>
    public static void* Data(nint tensor)
    {
        void* data;
        Check(((delegate* unmanaged<nint, void**, nint>)s_api->GetTensorMutableData)(tensor, &data));
        return data;
    }

    /// <summary>The tensor's dimensions.</summary>
    public static nint[] Dimensions(nint tensor)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)s_api->GetTensorTypeAndShape)(tensor, &info));
        try
        {
            nuint rank;
            Check(((delegate* unmanaged<nint, nuint*, nint>)s_api->GetDimensionsCount)(info, &rank));
            long[] sizes = new long[rank];
            fixed (long* shape = sizes)
                Check(((delegate* unmanaged<nint, long*, nuint, nint>)s_api->GetDimensions)(info, shape, rank));
            return Array.ConvertAll(sizes, size => checked((nint)size));
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)s_api->ReleaseTensorTypeAndShapeInfo)(info);
        }
    }

    /// <summary>Fills a tensor of strings.</summary>
    /// <exception cref="ArgumentException">A string is null.</exception>
    public static void SetStrings(nint tensor, string[] strings, string member)
    {
        var texts = new nint[strings.Length];
        try
        {
            for (int i = 0; i < strings.Length; i++)
                texts[i] = Marshal.StringToCoTaskMemUTF8(strings[i] ?? throw new ArgumentException("a string is null", member));
            fixed (nint* pointers = texts)
                Check(((delegate* unmanaged<nint, byte**, nuint, nint>)s_api->FillStringTensor)(tensor, (byte**)pointers, (nuint)texts.Length));
        }
        finally
        {
            foreach (nint text in texts)
                Marshal.FreeCoTaskMem(text);
        }
    }

    /// <summary>The strings of a tensor.</summary>
    public static string[] GetStrings(nint tensor, nint count)
    {
        nuint bytes;
        Check(((delegate* unmanaged<nint, nuint*, nint>)s_api->GetStringTensorDataLength)(tensor, &bytes));
        byte[] text = new byte[bytes];
        nuint[] offsets = new nuint[count];
        fixed (byte* data = text)
        fixed (nuint* starts = offsets)
            Check(((delegate* unmanaged<nint, void*, nuint, nuint*, nuint, nint>)s_api->GetStringTensorContent)(tensor, data, bytes, starts, (nuint)count));
        string[] strings = new string[count];
        for (int i = 0; i < strings.Length; i++)
        {
            int end = (int)(i + 1 < strings.Length ? offsets[i + 1] : bytes);
            strings[i] = System.Text.Encoding.UTF8.GetString(text.AsSpan((int)offsets[i]..end));
        }

        return strings;
    }

    /// <summary>Runs the model; outputs that are null are allocated by ONNX Runtime.</summary>
    public static void Run(nint session, nint runOptions, byte** inputNames, nint* inputs, int inputCount, byte** outputNames, nint* outputs, int outputCount) =>
        Check(((delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)s_api->Run)(
            session, runOptions, inputNames, inputs, (nuint)inputCount, outputNames, (nuint)outputCount, outputs));

    /// <summary>A binding of these tensors to the session. Inputs are copied to where they are needed when they are bound: for the processor alone.</summary>
    public static nint CreateBinding(nint session, byte** names, nint* tensors, int inputCount, int outputCount)
    {
        nint binding;
        Check(((delegate* unmanaged<nint, nint*, nint>)s_api->CreateIoBinding)(session, &binding));
        try
        {
            for (int i = 0; i < inputCount; i++)
                Check(((delegate* unmanaged<nint, byte*, nint, nint>)s_api->BindInput)(binding, names[i], tensors[i]));
            for (int i = inputCount; i < inputCount + outputCount; i++)
                Check(((delegate* unmanaged<nint, byte*, nint, nint>)s_api->BindOutput)(binding, names[i], tensors[i]));
            return binding;
        }
        catch
        {
            ReleaseBinding(binding);
            throw;
        }
    }

    public static void ReleaseBinding(nint binding) => ((delegate* unmanaged<nint, void>)s_api->ReleaseIoBinding)(binding);

    /// <summary>Runs the model on what is bound.</summary>
    public static void RunBinding(nint session, nint runOptions, nint binding) =>
        Check(((delegate* unmanaged<nint, nint, nint, nint>)s_api->RunWithBinding)(session, runOptions, binding));

    /// <summary>Throws if a function returned an error, and releases it.</summary>
    public static void Check(nint status)
    {
        if (status != 0)
            Throw(status);
    }

    public static string Utf8(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static void Throw(nint status)
    {
        string message = Utf8(((delegate* unmanaged<nint, byte*>)s_api->GetErrorMessage)(status));
        ((delegate* unmanaged<nint, void>)s_api->ReleaseStatus)(status);
        throw new InferenceException(message);
    }

    private static void Widen(ReadOnlySpan<nint> dimensions, Span<long> sizes)
    {
        for (int i = 0; i < dimensions.Length; i++)
            sizes[i] = dimensions[i];
    }

    [LibraryImport("onnxruntime")]
    private static partial OrtApiBase* OrtGetApiBase();

    private static OrtApi* LoadApi()
    {
        // The version that the C# API asks for too: every later library still has its functions at the same places.
        const uint OldestVersion = 14;
        OrtApi* api = ((delegate* unmanaged<uint, OrtApi*>)OrtGetApiBase()->GetApi)(OldestVersion);
        return api is null ? throw new NotSupportedException($"ONNX Runtime {Version} is too old: 1.14 or later is needed") : api;
    }

    private static nint CreateCpuMemory()
    {
        nint memory;
        Check(((delegate* unmanaged<int, int, nint*, nint>)s_api->CreateCpuMemoryInfo)((int)OrtAllocatorType.DeviceAllocator, (int)OrtMemType.Default, &memory));
        return memory;
    }

    private static nint GetDefaultAllocator()
    {
        nint allocator;
        Check(((delegate* unmanaged<nint*, nint>)s_api->GetAllocatorWithDefaultOptions)(&allocator));
        return allocator;
    }
}
