using System.Globalization;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>
/// Sizes as exporters write them into a dimension's name: <c>past_sequence + sequence</c>, <c>2*n - 1</c>. Sums,
/// differences, products and whole quotients of names and numbers, with parentheses.
/// </summary>
internal sealed class SizeExpression
{
    private const int MaximumLength = 200;
    private readonly string _text;
    private readonly Func<string, long?> _sizes;
    private readonly List<string> _names = [];
    private int _position;

    private SizeExpression(string text, Func<string, long?> sizes)
    {
        _text = text;
        _sizes = sizes;
    }

    /// <summary>The names in an expression; empty if the text is a plain name, or no expression.</summary>
    public static IReadOnlyList<string> Names(string text)
    {
        var expression = new SizeExpression(text, _ => 1);
        return expression.Evaluate() is null || expression._names is [var only] && only == text ? [] : expression._names;
    }

    /// <summary>The size, or null where a name has none or the text is no expression.</summary>
    public static long? Evaluate(string text, Func<string, long?> sizes) => new SizeExpression(text, sizes).Evaluate();

    private long? Evaluate()
    {
        // The length bounds the depth of the recursion.
        if (_text.Length > MaximumLength)
            return null;
        try
        {
            return Sum() is { } value && Peek() == '\0' ? value : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private long? Sum()
    {
        long? sum = Product();
        while (sum is not null && Peek() is '+' or '-')
        {
            bool plus = _text[_position++] == '+';
            sum = checked(plus ? sum + Product() : sum - Product());
        }

        return sum;
    }

    private long? Product()
    {
        long? product = Factor();
        while (product is not null && Peek() is '*' or '/')
        {
            bool times = _text[_position++] == '*';
            // Exporters write whole quotients with one slash or two.
            if (!times && Peek() == '/')
                _position++;
            long? factor = Factor();
            product = times ? checked(product * factor) : factor is 0 ? null : product / factor;
        }

        return product;
    }

    private long? Factor()
    {
        char next = Peek();
        int start = _position;
        if (next == '(')
        {
            _position++;
            long? inner = Sum();
            return Peek() == ')' && _position++ >= 0 ? inner : null;
        }

        while (_position < _text.Length && (char.IsLetterOrDigit(_text[_position]) || _text[_position] is '_' or '.' or '?'))
            _position++;
        string word = _text[start.._position];
        if (word.Length == 0)
            return null;
        if (char.IsAsciiDigit(word[0]))
            return long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
        _names.Add(word);
        return _sizes(word);
    }

    private char Peek()
    {
        while (_position < _text.Length && _text[_position] == ' ')
            _position++;
        return _position < _text.Length ? _text[_position] : '\0';
    }
}
