namespace OptimizeTasks.Onnx.Tests;

public class DimensionTests
{
    private static readonly Dimension S = Dimension.OfSymbol("s");
    private static readonly Dimension T = Dimension.OfSymbol("t");

    [Fact]
    public void Polynomials_have_one_form()
    {
        Assert.Equal(N(2) * S, S + S);
        Assert.Equal(S, S + N(1) - N(1));
        Assert.Equal(N(0), S - S);
        Assert.Equal((S * S) - (T * T), (S + T) * (S - T));
        Assert.Equal((S * T).GetHashCode(), (T * S).GetHashCode());
        Assert.NotEqual(S, T);
        Assert.NotEqual(S, S + N(1));
    }

    [Fact]
    public void Text_is_the_same_whatever_the_order_of_operations()
    {
        Assert.Equal("2*s + 1", (N(1) + S + S).ToString());
        Assert.Equal("s*t - s + 3", ((T * S) + N(3) - S).ToString());
        Assert.Equal("-s", (-S).ToString());
        Assert.Equal("floor((s + 1)/2)", Dimension.CeilDiv(S, N(2)).ToString());
        Assert.Equal("floor(s/t)", Dimension.FloorDiv(S, T).ToString());
        Assert.Equal("max(s, t)", Dimension.Max(T, S).ToString());
        Assert.Equal("?", Dimension.Unknown().ToString());
    }

    [Fact]
    public void A_very_long_name_is_a_symbol_but_makes_no_expressions()
    {
        Dimension symbol = Dimension.OfSymbol(new string('n', 1 << 20));
        Assert.True(symbol.IsKnown);
        Assert.True(symbol.Equals(symbol.Substitute(_ => null)));
        Assert.True((symbol + N(1)).IsUnknown);
    }

    [Fact]
    public void Unknown_equals_itself_alone()
    {
        Dimension u = Dimension.Unknown();
        Assert.True(u.IsUnknown);
        Assert.False(u.IsKnown);
        Assert.Equal(u, u);
        Assert.Equal(u + u, N(2) * u);
        Assert.NotEqual(u, Dimension.Unknown());
        Assert.False((u + N(1)).IsUnknown);
        Assert.Null(u.Evaluate(_ => 1));
    }

    [Fact]
    public void Quotients_are_brought_to_one_form()
    {
        Assert.Equal(N(2) * S, Dimension.FloorDiv(N(6) * S, N(3)));
        Assert.Equal(S + Dimension.FloorDiv(S, N(2)) + N(1), Dimension.FloorDiv((N(3) * S) + N(2), N(2)));
        Assert.Equal(Dimension.FloorDiv(S, N(4)), Dimension.FloorDiv(Dimension.FloorDiv(S, N(2)), N(2)));
        Assert.Equal(Dimension.FloorDiv(S, N(2)), Dimension.FloorDiv((N(2) * S) + N(1), N(4)));
        Assert.Equal(S, Dimension.FloorDiv(S * T, T));
        Assert.Equal(S + N(1), Dimension.FloorDiv((S * T) + T, T));
        Assert.Equal(Dimension.FloorDiv(S, N(2)), Dimension.FloorDiv(S * T, N(2) * T));
        Assert.Equal(N(-2), Dimension.FloorDiv(N(-3), N(2)));
    }

    [Fact]
    public void Only_exact_division_gives_a_quotient()
    {
        Assert.True(Dimension.TryDivide((S + N(1)) * T * N(12), N(3) * (S + N(1)), out Dimension quotient));
        Assert.Equal(N(4) * T, quotient);
        Assert.False(Dimension.TryDivide(S, N(2), out _));
        Assert.False(Dimension.TryDivide(S + N(1), S, out _));
        Assert.False(Dimension.TryDivide(S, N(0), out _));
    }

    [Fact]
    public void A_size_may_be_zero()
    {
        Assert.True(S.IsAtLeast(0));
        Assert.False(S.IsAtLeast(1));
        Assert.False((S - N(1)).IsAtLeast(0));
        Assert.True((S + N(1)).IsAtLeast(1));
        Assert.Equal("max(s - 1, 0)", Dimension.Max(S - N(1), N(0)).ToString());
        Assert.True(Dimension.FloorDiv(S, N(2)).IsAtMost(S));
        Assert.Equal(Dimension.FloorDiv(S, N(2)), Dimension.Min(S, Dimension.FloorDiv(S, N(2))));
    }

    [Fact]
    public void Broadcasting_takes_what_is_not_one()
    {
        Assert.Equal(S, Dimension.Broadcast(S, N(1)));
        Assert.Equal(S, Dimension.Broadcast(S, S));
        Assert.Equal(N(3), Dimension.Broadcast(S, N(3)));
        Assert.Equal(S + N(2), Dimension.Broadcast(T, S + N(2)));
        Dimension both = Dimension.Broadcast(S, T);
        Assert.Equal("broadcast(s, t)", both.ToString());
        Assert.Equal(both, Dimension.Broadcast(T, both));
        Assert.Equal(0, both.Evaluate(name => name == "s" ? 1 : 0));
    }

    [Fact]
    public void Symbols_are_replaced()
    {
        Dimension expression = Dimension.FloorDiv((S * T) + N(3), N(2));
        Assert.Equal(["s", "t"], expression.Symbols);
        Assert.Equal(N(6), expression.Substitute(name => name == "s" ? N(3) : N(3)));
        Assert.Equal(T + N(1), expression.Substitute(name => name == "s" ? N(2) : null));
    }

    [Fact]
    public void What_64_bits_cannot_hold_is_unknown()
    {
        Assert.True((Dimension.Of(long.MaxValue) + N(1)).IsUnknown);
        Assert.True((Dimension.Of(long.MaxValue) * S * N(2)).IsUnknown);
        Assert.Null((S * S * S).Evaluate(_ => long.MaxValue));
    }

    [Fact]
    public void Expressions_do_not_grow_without_end()
    {
        Dimension x = S + T;
        Dimension y = S;
        for (int i = 0; i < 200; i++)
        {
            x = x * x;
            y = Dimension.Max(Dimension.FloorDiv(y + T, T + N(1)), y + N(1));
        }

        Assert.False(x.IsKnown);
        Assert.False(y.IsKnown);
    }

    [Fact]
    public void Every_simplification_keeps_the_value()
    {
        var random = new Random(1);
        for (int i = 0; i < 5000; i++)
        {
            (Dimension expression, Func<long, long, long?> direct) = Draw(random, 4);
            for (int s = 0; s <= 4; s++)
            {
                long t = random.Next(0, 5);
                if (direct(s, t) is { } expected && expression.IsKnown)
                {
                    Assert.Equal(expected, expression.Evaluate(name => name == "s" ? s : t));
                    Assert.True(!expression.IsAtLeast(0) || expected >= 0, $"{expression} is {expected}");
                    Assert.Equal(N(expected), expression.Substitute(name => N(name == "s" ? s : t)));
                }
            }
        }
    }

    private static Dimension N(long value) => Dimension.OfInteger(value);

    /// <summary>A random expression, and the same computed on numbers without any simplification.</summary>
    private static (Dimension Expression, Func<long, long, long?> Direct) Draw(Random random, int depth)
    {
        if (depth == 0 || random.Next(5) == 0)
        {
            long number = random.Next(-3, 7);
            return random.Next(3) switch
            {
                0 => (S, (s, _) => s),
                1 => (T, (_, t) => t),
                _ => (N(number), (_, _) => number),
            };
        }

        (Dimension a, Func<long, long, long?> x) = Draw(random, depth - 1);
        (Dimension b, Func<long, long, long?> y) = Draw(random, depth - 1);
        long divisor = random.Next(1, 5);
        return random.Next(8) switch
        {
            0 => (a + b, (s, t) => x(s, t) + y(s, t)),
            1 => (a - b, (s, t) => x(s, t) - y(s, t)),
            2 => (a * b, (s, t) => x(s, t) * y(s, t)),
            3 => (Dimension.FloorDiv(a, N(divisor)), (s, t) => Floor(x(s, t), divisor)),
            4 => (Dimension.FloorDiv(a, b), (s, t) => Floor(x(s, t), y(s, t))),
            5 => (Dimension.CeilDiv(a, N(divisor)), (s, t) => -Floor(-x(s, t), divisor)),
            6 => (Dimension.Min(a, b), (s, t) => x(s, t) is { } p && y(s, t) is { } q ? Math.Min(p, q) : null),
            _ => (Dimension.Max(a, b), (s, t) => x(s, t) is { } p && y(s, t) is { } q ? Math.Max(p, q) : null),
        };
    }

    private static long? Floor(long? dividend, long? divisor) =>
        dividend is null || divisor is null or 0 ? null : (long)Math.Floor((decimal)dividend.Value / divisor.Value);
}
