namespace OptimizeTasks.Onnx;

/// <summary>The element types of tensors, with the numbers of ONNX's <c>TensorProto.DataType</c>.</summary>
public enum ElementType
{
    /// <summary>Not given.</summary>
    Undefined = 0,

    /// <summary>IEEE single precision.</summary>
    Float = 1,

    /// <summary>Unsigned, 8 bits.</summary>
    UInt8 = 2,

    /// <summary>Signed, 8 bits.</summary>
    Int8 = 3,

    /// <summary>Unsigned, 16 bits.</summary>
    UInt16 = 4,

    /// <summary>Signed, 16 bits.</summary>
    Int16 = 5,

    /// <summary>Signed, 32 bits.</summary>
    Int32 = 6,

    /// <summary>Signed, 64 bits.</summary>
    Int64 = 7,

    /// <summary>UTF-8 text; has no fixed size.</summary>
    String = 8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 9,

    /// <summary>IEEE half precision.</summary>
    Float16 = 10,

    /// <summary>IEEE double precision.</summary>
    Double = 11,

    /// <summary>Unsigned, 32 bits.</summary>
    UInt32 = 12,

    /// <summary>Unsigned, 64 bits.</summary>
    UInt64 = 13,

    /// <summary>Two single-precision numbers.</summary>
    Complex64 = 14,

    /// <summary>Two double-precision numbers.</summary>
    Complex128 = 15,

    /// <summary>The upper half of a single-precision number.</summary>
    BFloat16 = 16,

    /// <summary>8 bits: 4 exponent, 3 mantissa, no infinities.</summary>
    Float8E4M3FN = 17,

    /// <summary>8 bits: 4 exponent, 3 mantissa, no infinities, one zero.</summary>
    Float8E4M3FNUZ = 18,

    /// <summary>8 bits: 5 exponent, 2 mantissa.</summary>
    Float8E5M2 = 19,

    /// <summary>8 bits: 5 exponent, 2 mantissa, no infinities, one zero.</summary>
    Float8E5M2FNUZ = 20,

    /// <summary>Unsigned, 4 bits, two to a byte.</summary>
    UInt4 = 21,

    /// <summary>Signed, 4 bits, two to a byte.</summary>
    Int4 = 22,

    /// <summary>4 bits: 2 exponent, 1 mantissa, two to a byte.</summary>
    Float4E2M1 = 23,

    /// <summary>8 bits of exponent: a power of two.</summary>
    Float8E8M0 = 24,

    /// <summary>Unsigned, 2 bits, four to a byte.</summary>
    UInt2 = 25,

    /// <summary>Signed, 2 bits, four to a byte.</summary>
    Int2 = 26,
}
