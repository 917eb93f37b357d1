using System.Diagnostics;
using Ocr;

string folder = AppContext.BaseDirectory;
Picture page;
try
{
    page = Png.Read(args.Length > 0 ? args[0] : Path.Combine(folder, "page.png"));
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

var clock = Stopwatch.StartNew();
using var detectionModel = DetectionModel.Load();
using var directionModel = DirectionModel.Load();
using var recognitionModel = RecognitionModel.Load();
TimeSpan loading = clock.Elapsed;

clock.Restart();
IReadOnlyList<TextBox> boxes = new TextDetector(detectionModel).Find(page);
TimeSpan detection = clock.Elapsed;

clock.Restart();
var classifier = new DirectionClassifier(directionModel);
bool[] upsideDown = [.. boxes.Select(box => classifier.IsUpsideDown(page, box))];
TimeSpan direction = clock.Elapsed;

clock.Restart();
var recognizer = new TextRecognizer(recognitionModel, File.ReadAllLines(Path.Combine(folder, "models", "characters.txt")));
TextLine[] lines = [.. boxes.Zip(upsideDown, (box, turned) => recognizer.Read(page, turned ? box.UpsideDown : box))];
TimeSpan recognition = clock.Elapsed;

foreach (IReadOnlyList<TextLine> row in ReadingOrder.Rows(lines.Where(line => line.IsLegible)))
    Console.WriteLine(string.Join('\t', row.Select(line => line.Text)));

Console.WriteLine();
Console.WriteLine($"{boxes.Count} pieces of text, {upsideDown.Count(turned => turned)} of them upside down. Loading {loading.TotalMilliseconds:F0} ms, "
    + $"detection {detection.TotalMilliseconds:F0} ms, direction {direction.TotalMilliseconds:F0} ms, recognition {recognition.TotalMilliseconds:F0} ms.");
return 0;
