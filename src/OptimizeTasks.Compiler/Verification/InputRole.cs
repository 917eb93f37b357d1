namespace OptimizeTasks.Compiler.Verification;

/// <summary>What an input stands for, as far as its type, name and uses tell. It decides what is drawn for it.</summary>
internal enum InputRole
{
    /// <summary>Real numbers.</summary>
    Real,

    /// <summary>Real numbers or bytes in the layout of images: batch, channels, height, width.</summary>
    Image,

    /// <summary>What to look at: 1 and 0, true and false, or, added to scores, 0 and a large negative number.</summary>
    Mask,

    /// <summary>Places of tokens in their text.</summary>
    Position,

    /// <summary>Numbers of rows in a table: token numbers, token types, labels.</summary>
    Index,

    /// <summary>A number that counts elements of other inputs.</summary>
    Length,

    /// <summary>Integers of which nothing is known.</summary>
    Integer,

    /// <summary>Truth values.</summary>
    Truth,

    /// <summary>Texts.</summary>
    Text,
}
