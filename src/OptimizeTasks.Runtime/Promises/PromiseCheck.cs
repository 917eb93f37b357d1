using System.Globalization;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Calling;

namespace OptimizeTasks.Runtime.Promises;

/// <summary>Checks the values of inputs of which something was promised. Kernels that rely on it would give wrong numbers silently.</summary>
/// <param name="value">The input.</param>
/// <param name="promise">What was promised, one of <see cref="InputContract.Promises"/>.</param>
internal sealed class PromiseCheck(ValueContract value, string promise)
{
    /// <summary>Checks one call's tensor. Allocates nothing where the promise is kept.</summary>
    /// <param name="data">The elements, row-major.</param>
    /// <param name="dimensions">The shape.</param>
    /// <param name="past">How many tokens came before.</param>
    /// <exception cref="ArgumentException">The promise is broken.</exception>
    public unsafe void Check(void* data, ReadOnlySpan<nint> dimensions, nint past)
    {
        nint length = dimensions[^1];
        nint rows = dimensions.Length == 2 ? dimensions[0] : 1;
        switch (value.Tensor!.ElementType)
        {
            case ElementType.Int64:
                Check((long*)data, rows, length, past, 1L);
                break;
            case ElementType.Int32:
                Check((int*)data, rows, length, past, 1);
                break;
            case ElementType.Float:
                Check((float*)data, rows, length, past, 1f);
                break;
            default:
                Check((byte*)data, rows, length, past, (byte)1);
                break;
        }
    }

    private unsafe void Check<T>(T* data, nint rows, nint length, nint past, T one)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        if (promise == InputContract.RightPadded && past > 0 && rows > 1 && length - past > 1)
            throw Broken($"{Text(rows)} rows take {Text(length - past)} tokens each behind a past of {Text(past)}, where several rows take one", past);
        for (nint row = 0; row < rows; row++)
        {
            var elements = new ReadOnlySpan<T>(data + (row * length), checked((int)length));
            if (promise == InputContract.RightPadded)
                CheckMask(elements, row, past, one);
            else
                CheckPositions(elements, row, past);
        }
    }

    private void CheckMask<T>(ReadOnlySpan<T> elements, nint row, nint past, T one)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        int ones = elements.IndexOfAnyExcept(one);
        if (ones < 0)
            return;
        int wrong = ones == 0 || past > 0 ? 0 : elements[ones..].IndexOfAnyExcept(T.Zero);
        if (wrong >= 0)
            throw Broken($"row {Text(row)} has {elements[ones + wrong]} at {Text(ones + wrong)}{(wrong > 0 ? " behind a 0" : "")}", past);
    }

    private void CheckPositions<T>(ReadOnlySpan<T> elements, nint row, nint past)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        T expected = T.CreateChecked(past);
        for (int i = 0; i < elements.Length; i++, expected++)
        {
            if (elements[i] != expected)
                throw Broken($"row {Text(row)} has {elements[i]} at {Text(i)}, not {expected}", past);
        }
    }

    private ArgumentException Broken(FormattableString what, nint past)
    {
        string meaning = promise == InputContract.Consecutive ? $"counting up by one from {Text(past)}, the length of the past"
            : past > 0 ? $"ones alone behind a past, which is {Text(past)} long here"
            : "ones, then zeros";
        return new ArgumentException($"{value.Name}: {what.ToString(CultureInfo.InvariantCulture)}; the build was promised that it is {promise}: {meaning}", value.Member);
    }

    private static string Text(nint number) => number.ToString(CultureInfo.InvariantCulture);
}
