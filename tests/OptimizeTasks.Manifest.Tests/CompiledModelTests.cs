using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Manifest.Tests;

public sealed class CompiledModelTests
{
    private const string SampleJson = """
        {
          "schemaVersion": 1,
          "runtimeContract": 1,
          "name": "minilm",
          "sourceHash": "sha256:00",
          "signature": {
            "inputs": [
              {
                "name": "input_ids",
                "type": {
                  "kind": "tensor",
                  "elementType": "int64",
                  "dimensions": [
                    "batch",
                    "sequence"
                  ]
                },
                "hasDefault": false,
                "docString": "токены"
              },
              {
                "name": "threshold",
                "type": {
                  "kind": "tensor",
                  "elementType": "float",
                  "dimensions": []
                },
                "hasDefault": true
              }
            ],
            "outputs": [
              {
                "name": "scores",
                "type": {
                  "kind": "tensor",
                  "elementType": "bfloat16",
                  "dimensions": [
                    "batch",
                    10,
                    null
                  ]
                },
                "hasDefault": false
              },
              {
                "name": "classes",
                "type": {
                  "kind": "sequence",
                  "element": {
                    "kind": "map",
                    "key": "int64",
                    "value": {
                      "kind": "optional",
                      "element": {
                        "kind": "tensor",
                        "elementType": "float"
                      }
                    }
                  }
                },
                "hasDefault": false
              }
            ],
            "contracts": [
              {
                "input": "input_ids",
                "promise": "right-padded"
              }
            ],
            "states": [],
            "description": {
              "producerName": "pytorch",
              "metadata": {
                "B": "1",
                "a": "<3>",
                "b": "2"
              }
            }
          },
          "variants": [
            {
              "name": "default",
              "when": {
                "provider": "Cuda",
                "dimensions": {
                  "sequence": [
                    1,
                    512
                  ]
                }
              },
              "file": "minilm.onnx",
              "dataFiles": [
                "minilm.onnx.data"
              ],
              "loadOptimization": "Extended",
              "sessionConfiguration": {},
              "providerOptions": {}
            }
          ]
        }

        """;

    private static CompiledModel Read(string json) => CompiledModel.Read(Encoding.UTF8.GetBytes(json));

    private static string Message(string json) => Assert.Throws<ManifestException>(() => Read(json)).Message;

    [Fact]
    public void Text_is_as_recorded() => Assert.Equal(SampleJson, SampleManifest.Model.ToJson());

    [Fact]
    public void Text_says_every_property()
    {
        CompiledModel model = SampleManifest.Model with
        {
            Signature = SampleManifest.Signature with
            {
                Inputs =
                [
                    .. SampleManifest.Signature.Inputs,
                    new() { Name = "s \"\u2028\u0085", Type = new SparseTensorSignature { ElementType = ElementType.Double } },
                    new() { Name = "o", Type = new OpaqueSignature { Domain = "d", Name = "n" } },
                ],
                States = [new("input_ids", "scores")],
                Description = new()
                {
                    ProducerName = "p",
                    ProducerVersion = "1",
                    Domain = "d",
                    ModelVersion = 7,
                    GraphName = "g",
                    DocString = "line\nline",
                    Metadata = ImmutableSortedDictionary<string, string>.Empty.Add("k", "v"),
                },
            },
            Variants =
            [
                SampleManifest.Model.Variants[0] with
                {
                    SessionConfiguration = ImmutableSortedDictionary<string, string>.Empty.Add("a", "b"),
                    ProviderOptions = ImmutableSortedDictionary<string, string>.Empty.Add("c", "d"),
                },
            ],
        };
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            WriteIndented = true,
        };

        Assert.Equal(JsonSerializer.Serialize(model, options).ReplaceLineEndings("\n") + "\n", model.ToJson());
        Assert.Equal(model.ToJson(), Read(model.ToJson()).ToJson());
    }

    [Fact]
    public void What_is_read_back_is_what_was_written()
    {
        CompiledModel read = Read(SampleManifest.Model.ToJson());

        Assert.Equal(SampleManifest.Model.ToJson(), read.ToJson());
        Assert.Equal(SampleManifest.Signature.Hash, read.Signature.Hash);
        var tensor = Assert.IsType<TensorSignature>(read.Signature.Outputs[0].Type);
        Assert.Equal("bfloat16[batch,10,?]", tensor.ToString());
        Assert.Equal("seq(map(int64,optional(float[...])))", read.Signature.Outputs[1].Type.ToString());
        Assert.True(read.Variants[0].When.Dimensions["sequence"].Contains(512));
        Assert.False(read.Variants[0].When.Dimensions["sequence"].Contains(513));
    }

    [Fact]
    public void A_file_may_begin_with_a_byte_order_mark()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.model.json"], SampleJson, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        Assert.Equal("minilm", CompiledModel.ReadFile(folder["a.model.json"]).Name);
    }

    [Fact]
    public void A_newer_schema_is_refused_by_name_even_if_nothing_else_is_understood()
    {
        Assert.Equal(
            "the model manifest has schema version 2, and this version of OptimizeTasks.Manifest reads up to 1: "
            + "update OptimizeTasks.Runtime, or build the model with the version that the app uses",
            Message("""{ "schemaVersion": 2, "signature": 17 }"""));
    }

    [Fact]
    public void Unknown_members_of_a_known_schema_are_passed_over() =>
        Assert.Equal("minilm", Read(SampleJson.Replace("\"name\": \"minilm\"", "\"name\": \"minilm\", \"later\": [1]", StringComparison.Ordinal)).Name);

    [Theory]
    [InlineData("", "damaged")]
    [InlineData("[]", "no schemaVersion")]
    [InlineData("{}", "no schemaVersion")]
    [InlineData("""{ "schemaVersion": "1" }""", "no schemaVersion")]
    [InlineData("""{ "schemaVersion": 1 }""", "damaged")]
    [InlineData("""{ "schemaVersion": 1, "name": null, "sourceHash": "", "signature": { "inputs": [], "outputs": [] } }""", "required")]
    [InlineData("""{ "schemaVersion": 1, "name": "", "sourceHash": "", "signature": { "inputs": [null], "outputs": [] } }""", "no name or type")]
    [InlineData("""{ "schemaVersion": 1, "name": "", "sourceHash": "", "signature": { "inputs": null, "outputs": [] } }""", "damaged")]
    [InlineData("""{ "schemaVersion": 1, "name": "", "sourceHash": "", "signature": { "inputs": [{ "name": "x", "type": { "kind": "sequence", "element": null } }], "outputs": [] } }""", "no name or type")]
    public void Damage_is_named(string json, string expected) => Assert.Contains(expected, Message(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"bfloat16\"", "\"float99\"", "'float99' is no element type")]
    [InlineData("\"bfloat16\"", "7", "damaged")]
    [InlineData("10,", "-10,", "a dimension is")]
    [InlineData("10,", "{},", "a dimension is")]
    [InlineData("\"kind\": \"tensor\"", "\"kind\": \"tangle\"", "damaged")]
    [InlineData("\"name\": \"threshold\"", "\"name\": \"input_ids\"", "two inputs have the name 'input_ids'")]
    [InlineData("\"states\": []", "\"states\": [{ \"input\": \"none\", \"output\": \"scores\" }]", "'none'")]
    [InlineData("\"input\": \"input_ids\"", "\"input\": \"mask\"", "'mask'")]
    [InlineData("\"file\": \"minilm.onnx\"", "\"file\": \"../minilm.onnx\"", "not in the manifest's folder")]
    [InlineData("\"file\": \"minilm.onnx\"", "\"file\": \"/minilm.onnx\"", "not in the manifest's folder")]
    [InlineData("\"minilm.onnx.data\"", "\"C:\\\\x\"", "not in the manifest's folder")]
    [InlineData("512", "\"many\"", "damaged")]
    public void Damage_inside_is_named(string old, string replacement, string expected)
    {
        string damaged = SampleJson.Replace(old, replacement, StringComparison.Ordinal);

        Assert.NotEqual(SampleJson, damaged);
        Assert.Contains(expected, Message(damaged), StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        string nested = string.Concat(Enumerable.Repeat("""{ "kind": "sequence", "element": """, 10_000));

        Assert.Contains("damaged", Message($$"""{ "schemaVersion": 1, "signature": { "inputs": [{ "name": "x", "type": {{nested}}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models/x.onnx", "models/x.model.json")]
    [InlineData("a.b.onnx", "a.b.model.json")]
    public void The_manifest_stands_beside_the_model(string model, string manifest) => Assert.Equal(manifest, CompiledModel.PathBeside(model));
}
