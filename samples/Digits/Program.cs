using System.Numerics.Tensors;
using Digits;
using Microsoft.ML.OnnxRuntime;

const int Digits = 10;
string folder = AppContext.BaseDirectory;
float[] images = Npz.Read<float>(Path.Combine(folder, "digits-test.npz"), "image");
long[] labels = Npz.Read<long>(Path.Combine(folder, "digits-test.npz"), "label");
var batch = new ReadOnlyTensorSpan<float>(images, [labels.Length, 1, 8, 8]);

using var cnn = CnnModel.Load();
using CnnModel.Outputs cnnOutputs = cnn.Run(batch);
Compare("digits-cnn", cnnOutputs.Logits);

using var transformer = TransformerModel.Load();
using TransformerModel.Outputs transformerOutputs = transformer.Run(batch);
Compare("digits-transformer", transformerOutputs.Logits);

void Compare(string name, ReadOnlyTensorSpan<float> logits)
{
    var compiled = new float[labels.Length * Digits];
    logits.FlattenTo(compiled);
    float[] original = RunOriginal(Path.Combine(folder, "original", name + ".onnx"));
    int[] before = Answers(original), after = Answers(compiled);
    Console.WriteLine($"{name,-20} original {Accuracy(before):P1}, compiled {Accuracy(after):P1}, "
        + $"same answer for {before.Zip(after).Count(pair => pair.First == pair.Second)} of {labels.Length} digits");
}

// What one writes without a generated class.
float[] RunOriginal(string path)
{
    using var session = new InferenceSession(path);
    using OrtValue input = OrtValue.CreateTensorValueFromMemory(images, [labels.Length, 1, 8, 8]);
    using var options = new RunOptions();
    using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["image"], [input], ["logits"]);
    return outputs[0].GetTensorDataAsSpan<float>().ToArray();
}

int[] Answers(float[] logits) => [.. logits.Chunk(Digits).Select(row => row.AsSpan().IndexOf(row.Max()))];

double Accuracy(int[] answers) => answers.Zip(labels).Average(pair => pair.First == pair.Second ? 1.0 : 0.0);
