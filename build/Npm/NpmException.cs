namespace OptimizeTasks.Build.Npm;

/// <summary>Why a package did not arrive. The numbers end the error codes.</summary>
internal enum NpmFailure
{
    NpmMissing = 1,
    NotFetched = 2,
    OtherContent = 3,
    EntryOutside = 4,
}

/// <summary>A package did not arrive; the message says what to do about it.</summary>
internal sealed class NpmException(NpmFailure failure, string message) : Exception(message)
{
    public NpmFailure Failure { get; } = failure;
}
