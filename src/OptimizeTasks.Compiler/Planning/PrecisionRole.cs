namespace OptimizeTasks.Compiler.Planning;

/// <summary>What an operator has to say about the precision around it.</summary>
internal enum PrecisionRole
{
    /// <summary>It stays as it is: nobody has a kernel, or it needs the digits.</summary>
    Stays,

    /// <summary>It is cheap: it computes in what it is given, and is worth no conversion of its own.</summary>
    Follows,

    /// <summary>It is the work that the other precision is for.</summary>
    Leads,
}
