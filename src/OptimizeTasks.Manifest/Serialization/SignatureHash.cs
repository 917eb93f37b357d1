using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OptimizeTasks.Manifest.Serialization;

/// <summary>
/// The hash of a text of its own rather than of the JSON, so that a change of the manifest's layout does not change it.
/// Names carry their length: no name can pretend to be structure.
/// </summary>
internal static class SignatureHash
{
    public static string Of(Signature signature)
    {
        var text = new StringBuilder();
        Append(text, "input", signature.Inputs);
        Append(text, "output", signature.Outputs);
        foreach (InputContract contract in signature.Contracts)
        {
            text.Append("contract ");
            AppendName(text, contract.Input);
            AppendName(text, contract.Promise);
            text.Append('\n');
        }

        return "sha256:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))).ToLowerInvariant();
    }

    private static void Append(StringBuilder text, string kind, ImmutableArray<ValueSignature> values)
    {
        foreach (ValueSignature value in values)
        {
            text.Append(kind).Append(value.HasDefault ? "? " : " ");
            AppendName(text, value.Name);
            AppendType(text, value.Type);
            text.Append('\n');
        }
    }

    private static void AppendType(StringBuilder text, TypeSignature type)
    {
        switch (type)
        {
            case TensorSignature tensor:
                text.Append("tensor ").Append(tensor.ElementType.OnnxName());
                AppendDimensions(text, tensor.Dimensions);
                break;
            case SparseTensorSignature sparse:
                text.Append("sparse ").Append(sparse.ElementType.OnnxName());
                break;
            case SequenceSignature sequence:
                text.Append("sequence ");
                AppendType(text, sequence.Element);
                break;
            case MapSignature map:
                text.Append("map ").Append(map.Key.OnnxName()).Append(' ');
                AppendType(text, map.Value);
                break;
            case OptionalSignature optional:
                text.Append("optional ");
                AppendType(text, optional.Element);
                break;
            case OpaqueSignature opaque:
                text.Append("opaque ");
                AppendName(text, opaque.Domain ?? "");
                AppendName(text, opaque.Name ?? "");
                break;
        }
    }

    private static void AppendDimensions(StringBuilder text, ImmutableArray<DimensionSignature>? dimensions)
    {
        if (dimensions is not { } known)
            return;
        text.Append(" [");
        foreach (DimensionSignature dimension in known)
        {
            if (dimension.Symbol is { } symbol)
                AppendName(text, symbol);
            else
                text.Append(dimension.Size?.ToString(CultureInfo.InvariantCulture) ?? "?").Append(' ');
        }

        text.Append(']');
    }

    private static void AppendName(StringBuilder text, string name) =>
        text.Append('\'').Append(name.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(name).Append(' ');
}
