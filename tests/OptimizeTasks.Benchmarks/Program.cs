using System.CommandLine;
using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Benchmarks.Tables;
using OptimizeTasks.Onnx;

var models = new Option<string[]>("--models") { Description = "The models; where it is not given, those that docs/benchmarks.md shows.", AllowMultipleArgumentsPerToken = true };
models.AcceptOnlyFromAmong([.. Catalogue.All.Keys]);
var rounds = new Option<int>("--rounds") { Description = "How often every contender runs, beside one time that does not count.", DefaultValueFactory = _ => 5 };
var page = new Option<string>("--page") { Description = "A markdown file whose results are replaced by these." };

var all = new Command("all", "Prints every table of docs/benchmarks.md.") { models, rounds, page };
all.SetAction(result =>
{
    TableOptions options = Options(result);
    Print(result, result.GetValue(page), output => ResultsPage.Write(output, options));
});
var compile = new Command("compile", "Prints what compiling takes, of us and of others.") { models, rounds };
compile.SetAction(result =>
{
    TableOptions options = Options(result);
    Print(result, null, output => CompileTable.Print(output, options));
});
var scale = new Command("scale", "Prints what many bytes and many nodes take.") { rounds };
scale.SetAction(result =>
{
    TableOptions options = Options(result);
    Print(result, null, output => ScaleTable.Print(output, options));
});
var start = new Command("start", "Prints what loading takes, and running, at every level.") { models, rounds };
start.SetAction(result =>
{
    TableOptions options = Options(result);
    Print(result, null, output => StartTable.Print(output, options));
});
var quantize = new Command("quantize", "Prints what quantising takes, and what it gives.") { models, rounds };
quantize.SetAction(result =>
{
    TableOptions options = Options(result);
    Print(result, null, output => QuantizationTable.Print(output, options));
});
var corrections = new Command("corrections", "Prints what corrections of quantised weights take, and what they give.") { rounds };
corrections.SetAction(result =>
{
    TableOptions options = Options(result);
    Print(result, null, output => CorrectionsTable.Print(output, options));
});
var calibrate = new Command("calibrate", "Prints what calibrating on many samples takes.");
calibrate.SetAction(result => Print(result, null, CalibrationTable.Print));
var run = new Command("run", "Prints how fast float models run, beside others.") { models, rounds };
run.SetAction(result =>
{
    TableOptions options = Options(result);
    Print(result, null, output => RunTable.Print(output, options));
});
var call = new Command("call", "Prints what a generated call takes beside one written by hand.");
call.SetAction(result => Print(result, null, CallTable.Print));
var build = new Command("build", "Prints what a build with nothing to do takes.");
build.SetAction(result => Print(result, null, BuildTable.Print));

var kernels = new Command("kernels", "Prints how fast kernels are beside what they can take the place of.") { rounds, page };
kernels.SetAction(result => Print(result, result.GetValue(page), output => KernelsTable.Print(output, result.GetValue(rounds))));

var name = new Argument<string>("NAME") { Description = string.Join(", ", Catalogue.All.Keys) };
name.AcceptOnlyFromAmong([.. Catalogue.All.Keys]);
var path = new Argument<string>("PATH") { Description = "The file." };
var write = new Command("model", "Writes a model with random weights.") { name, path };
write.SetAction(result =>
{
    using Model model = Catalogue.All[result.GetRequiredValue(name)]();
    ModelWriter.Write(model, result.GetRequiredValue(path));
});

var from = new Argument<string>("FROM") { Description = "The file that is read." };
var to = new Argument<string>("TO") { Description = "The file that is written." };
var repetitions = new Option<int>("--rounds") { Description = "How often.", DefaultValueFactory = _ => 1 };
var copy = new Command("copy", "Reads and writes a model, and prints what each took.") { from, to, repetitions };
copy.SetAction(result => ModelCopy.Run(result.GetRequiredValue(from), result.GetRequiredValue(to), result.GetValue(repetitions)));
var peer = new Command("peer", "Runs ONNX Runtime's own optimiser.") { from, to };
peer.SetAction(result => Peer.Optimize(result.GetRequiredValue(from), result.GetRequiredValue(to)));

return new RootCommand("Prints the tables of docs/benchmarks.md, as markdown.") { all, compile, scale, start, run, quantize, calibrate, corrections, call, build, kernels, write, copy, peer }.Parse(args).Invoke();

TableOptions Options(ParseResult result) => new(result.GetValue(models) is { Length: > 0 } chosen ? [.. chosen] : TableOptions.Usual, result.GetValue(rounds));

static void Print(ParseResult result, string? page, Action<TextWriter> print)
{
    TextWriter output = result.InvocationConfiguration.Output;
    try
    {
        using var text = new StringWriter();
        print(new TeeWriter(output, text));
        if (page is not null)
            ResultsPage.Replace(page, text.ToString());
    }
    finally
    {
        Workspace.DeleteModels();
    }
}
