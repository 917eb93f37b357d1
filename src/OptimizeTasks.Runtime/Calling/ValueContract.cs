using OptimizeTasks.Manifest;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>An input or output as a generated class knows it.</summary>
public sealed class ValueContract
{
    private ValueContract(string name, string member, TypeSignature type, bool hasDefault)
    {
        Name = name;
        Member = member;
        Type = type;
        HasDefault = hasDefault;
    }

    /// <summary>The name in the model.</summary>
    public string Name { get; }

    /// <summary>The name in C#.</summary>
    public string Member { get; }

    /// <summary>The type.</summary>
    public TypeSignature Type { get; }

    /// <summary>Whether the input may be left out.</summary>
    public bool HasDefault { get; private init; }

    internal TensorSignature? Tensor => Type as TensorSignature;

    /// <summary>A tensor of known rank.</summary>
    public static ValueContract OfTensor(string name, string member, ElementType type, params DimensionSignature[] dimensions) =>
        new(name, member, new TensorSignature { ElementType = type, Dimensions = [.. dimensions] }, hasDefault: false);

    /// <summary>A tensor of any rank.</summary>
    public static ValueContract OfAnyRank(string name, string member, ElementType type) =>
        new(name, member, new TensorSignature { ElementType = type }, hasDefault: false);

    /// <summary>A sequence, a map, an optional value or anything else that is no tensor.</summary>
    public static ValueContract OfOther(string name, string member) => new(name, member, new OpaqueSignature(), hasDefault: false);

    /// <summary>The same input, which may be left out.</summary>
    public ValueContract WithDefault() => new(Name, Member, Type, hasDefault: true);
}
