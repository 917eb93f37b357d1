using Google.Protobuf;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>
/// The message that an object was read from, kept where the object does not say all of it: spellings, fields that are
/// present but empty, fields that this library does not know.
/// </summary>
/// <typeparam name="T">The type of the message.</typeparam>
internal sealed class Origin<T>
    where T : class, IMessage<T>, IDeepCloneable<T>
{
    private readonly T _original;
    private readonly T _rebuilt;

    private Origin(T original, T rebuilt)
    {
        _original = original;
        _rebuilt = rebuilt;
    }

    /// <param name="original">The message as it was read.</param>
    /// <param name="rebuilt">The message as it would be written from the object alone.</param>
    /// <returns>Null where nothing would be lost.</returns>
    public static Origin<T>? Of(T original, T rebuilt) => Messages.AreSame(original, rebuilt) ? null : new(original, rebuilt);

    /// <summary>The original message if the object is still as it was read; else the object's own with what only the original says.</summary>
    /// <param name="built">The message made from the object as it is now.</param>
    /// <param name="clearKnown">Removes from a message what objects of this kind say themselves.</param>
    public T Restore(T built, Action<T> clearKnown)
    {
        T original = _original.Clone();
        if (Messages.AreSame(built, _rebuilt))
            return original;
        clearKnown(original);
        built.MergeFrom(original.ToByteArray());
        return built;
    }
}
