using System.Globalization;
using System.Text;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>Writes the same twice: tables are seen as they come about, and kept.</summary>
internal sealed class TeeWriter(TextWriter first, TextWriter second) : TextWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => first.Encoding;

    public override void Write(char value)
    {
        first.Write(value);
        second.Write(value);
    }

    public override void Flush() => first.Flush();
}
