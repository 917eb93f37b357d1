using OptimizeTasks.Manifest;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>What a generated class was written for. It is compared with the model and the library when a model is loaded.</summary>
public sealed class ModelContract
{
    /// <summary>The class's name, for messages.</summary>
    public required string ClassName { get; init; }

    /// <summary>The <see cref="RuntimeContract"/> that the class was written for.</summary>
    public required int RuntimeContract { get; init; }

    /// <summary>The <see cref="Signature.Hash"/> of the model that the class was generated from.</summary>
    public required string SignatureHash { get; init; }

    /// <summary>Where the model stands, relative to the app's folder.</summary>
    public required string TargetPath { get; init; }

    /// <summary>The build's <c>Providers</c>: names in order of preference, separated by semicolons.</summary>
    public required string Providers { get; init; }

    /// <summary>The inputs, in the model's order.</summary>
    public required ValueContract[] Inputs { get; init; }

    /// <summary>The outputs, in the model's order.</summary>
    public required ValueContract[] Outputs { get; init; }

    /// <summary>For each state its input and its output, by number.</summary>
    public (int Input, int Output)[] States { get; init; } = [];

    /// <summary>What the build was promised of inputs, by number, as <see cref="InputContract.Promises"/> has it; checked before each run.</summary>
    public (int Input, string Promise)[] Promises { get; init; } = [];

    /// <summary>Where the inputs say how many tokens came before; null where there is no past.</summary>
    public PastLength? Past { get; init; }
}
