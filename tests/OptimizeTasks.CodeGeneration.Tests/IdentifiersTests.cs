using OptimizeTasks.CodeGeneration.Naming;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Tests;

public sealed class IdentifiersTests
{
    [Theory]
    [InlineData("input_ids", "InputIds", "inputIds")]
    [InlineData("image", "Image", "image")]
    [InlineData("past_key_values.0.key", "PastKeyValues0Key", "pastKeyValues0Key")]
    [InlineData("p2o.DynamicDimension.0", "P2oDynamicDimension0", "p2oDynamicDimension0")]
    [InlineData("softmax_11.tmp_0", "Softmax11Tmp0", "softmax11Tmp0")]
    [InlineData("model/dense/BiasAdd:0", "ModelDenseBiasAdd0", "modelDenseBiasAdd0")]
    [InlineData("class", "Class", "class")]
    [InlineData("INPUT", "Input", "input")]
    [InlineData("A", "A", "a")]
    [InlineData("0", "X0", "x0")]
    [InlineData("1x1_conv", "X1x1Conv", "x1x1Conv")]
    [InlineData("", "X", "x")]
    [InlineData("___", "X", "x")]
    [InlineData("!§$%&/()", "X", "x")]
    [InlineData("größe", "Größe", "größe")]
    [InlineData("вход", "Вход", "вход")]
    [InlineData("入力", "入力", "入力")]
    [InlineData("e\u0301te\u0301", "E\u0301te\u0301", "e\u0301te\u0301")]
    [InlineData("a\u200Db", "AB", "aB")]
    [InlineData("😀", "X", "x")]
    [InlineData("a\0b\nc\"d\\", "ABCD", "aBCD")]
    public void Names_become_identifiers(string name, string pascal, string camel)
    {
        Assert.Equal(pascal, Identifiers.Pascal(name, "X"));
        Assert.Equal(camel, Identifiers.Camel(name, "x"));
    }

    [Fact]
    public void Long_names_are_cut() => Assert.Equal(80, Identifiers.Pascal(new string('a', 5000), "X").Length);

    [Theory]
    [InlineData("class", "@class")]
    [InlineData("await", "@await")]
    [InlineData("field", "@field")]
    [InlineData("image", "image")]
    public void Keywords_are_escaped(string identifier, string written) => Assert.Equal(written, Identifiers.Escape(identifier));

    [Fact]
    public void Taken_names_get_numbers()
    {
        var scope = new NameScope("dispose");

        Assert.Equal("a", scope.Add("a"));
        Assert.Equal("a2", scope.Add("a"));
        Assert.Equal("a3", scope.Add("a"));
        Assert.Equal("a22", scope.Add("a2"));
        Assert.Equal("dispose2", scope.Add("dispose"));
    }

    [Theory]
    [InlineData("minilm.onnx", "Minilm")]
    [InlineData("models/mini-lm.v2.onnx", "MiniLmV2")]
    [InlineData("8bit model.onnx", "Model8bitModel")]
    [InlineData("run.onnx", "RunModel")]
    [InlineData("class.onnx", "Class")]
    [InlineData(".onnx", "Model")]
    public void Files_give_class_names(string file, string name) => Assert.Equal(name, ClassGenerator.ClassNameOf(file));

    private static readonly string[] s_hostileNames =
    [
        "class", "await", "field", "value", "void", "string", "0", "", "_", "😀", "Dispose", "dispose", "Outputs", "outputs", "GetType", "ToString", "s_contract", "base", "this", "model",
        "boundCall", "callShapes", "inputValues", "state", "recurrentState", "options", "cancellationToken", "Run", "System", "OptimizeTasks", "global", "Hostile", "a\"b", "a\\b", "a\nb", "a{b}", "*/", "</summary>",
        "\u2028", "x\0y", "#if", "//", new string('n', 3000),
        "nint", "nuint", "record", "dynamic", "partial", "scoped", "notnull", "unmanaged", "managed", "file", "required", "allows", "extension", "and", "or", "not", "with", "init", "when", "where", "yield", "nameof", "args",
        "X", "x", "a.b", "a-b", "a b", "A_B", "aB", "\u202Evil\u202C", "\u2066a\u2069", "\u200B", "a\u200Cb", "\uFEFF", "\u00AD", "\uD800", "\uDC00a", "a\uD800", "\\u0041", "{0}", "}}", "\"\"\"", "<![CDATA[", "]]>", "&amp;", "--",
        "-->", "/*", "/**/", "\r", "\r\n", "\u0085", "\u000B", "\u001B[31m", "\u007F", "İ", "ı", "ß", "ǅ", "ﬁ", "𝐱", "\u0301a", "ª", "١", "e\u0301", "é", "Å", "\u212B", "K", "\u212A", "%s", "$(Prop)", "@(Item)", "%41", ";", "'", "`",
    ];

    public static TheoryData<string> HostileNames => [.. s_hostileNames];

    [Theory]
    [MemberData(nameof(HostileNames))]
    public void Any_name_compiles_as_input_output_symbol_and_text(string name)
    {
        ValueSignature value = new()
        {
            Name = name,
            DocString = name,
            Type = new TensorSignature { ElementType = ElementType.Float, Dimensions = [name.Length == 0 ? DimensionSignature.Unknown : name, 3] },
        };
        ValueSignature twin = value with { Name = name + "!" };
        ValueSignature next = value with { Name = name + "?" };
        Signature signature = new()
        {
            Inputs = [value, twin],
            Outputs = [value, next],
            States = [new(twin.Name, next.Name)],
            Description = new() { DocString = name, GraphName = name, ProducerName = name, Metadata = SampleMetadata(name) },
        };

        CompiledClass.Compile(signature, new ClassOptions { ClassName = "Hostile", Namespace = "App.System", TargetPath = "models/" + name, SourcePath = name });
    }

    /// <summary>What a reader sees is what the compiler compiles: no mark that turns text around, and none that cannot be seen.</summary>
    [Theory]
    [InlineData("\u202Etxet\u202C")]
    [InlineData("\u2066a\u2069\u200F")]
    [InlineData("a\u200Bb\u200Cc\u200Dd\uFEFF\u00AD")]
    [InlineData("\U000E0041\U000E007F")]
    public void Marks_that_cannot_be_seen_are_not_in_the_text(string name)
    {
        ValueSignature value = new() { Name = name, DocString = name, Type = new TensorSignature { ElementType = ElementType.Float, Dimensions = [name, 3] } };
        Signature signature = new()
        {
            Inputs = [value],
            Outputs = [value with { Name = "y" + name }],
            Description = new() { DocString = name, GraphName = name, ProducerName = name, Metadata = SampleMetadata(name) },
        };
        var options = new ClassOptions { ClassName = "Hostile", Namespace = "App", TargetPath = "models/" + name, SourcePath = name };

        Assert.DoesNotContain(ClassGenerator.Generate(signature, options).EnumerateRunes(), rune => System.Text.Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.Format);
        CompiledClass.Compile(signature, options);
    }

    [Fact]
    public void A_name_of_a_megabyte_is_written_once_or_twice()
    {
        var name = new string('n', 1 << 20);
        ValueSignature[] values = [.. Enumerable.Range(0, 5).Select(i => new ValueSignature { Name = name + i, DocString = name, Type = new TensorSignature { ElementType = ElementType.Float, Dimensions = [name] } })];
        var options = new ClassOptions { ClassName = "Hostile", Namespace = "App", TargetPath = "x.onnx" };

        string code = ClassGenerator.Generate(new Signature { Inputs = [.. values], Outputs = [.. values] }, options);

        Assert.InRange(code.Length, 0, 50 << 20);
    }

    [Fact]
    public void All_hostile_names_compile_together()
    {
        ValueSignature[] values = [.. s_hostileNames.Select(name => new ValueSignature { Name = name, Type = new TensorSignature { ElementType = ElementType.Int64, Dimensions = [DimensionSignature.Unknown] } })];

        CompiledClass.Compile(new Signature { Inputs = [.. values], Outputs = [.. values] }, new ClassOptions { ClassName = "Hostile", Namespace = "App", TargetPath = "x.onnx" });
    }

    [Theory]
    [InlineData("class")]
    [InlineData("record")]
    [InlineData("await")]
    [InlineData("var")]
    [InlineData("file")]
    [InlineData("required")]
    [InlineData("global")]
    [InlineData("System")]
    [InlineData("OptimizeTasks")]
    [InlineData("OptimizedModel")]
    [InlineData("_")]
    public void Any_class_and_namespace_compile_that_are_not_refused(string name)
    {
        ValueSignature value = new() { Name = "x", Type = new TensorSignature { ElementType = ElementType.Float, Dimensions = ["batch", 3] } };
        ValueSignature next = value with { Name = "y" };
        var options = new ClassOptions { ClassName = name, Namespace = "App." + name, TargetPath = "x.onnx" };

        Assert.Null(ClassGenerator.Validate(options));
        CompiledClass.Compile(new Signature { Inputs = [value], Outputs = [next], States = [new("x", "y")] }, options);
    }

    [Theory]
    [InlineData("s_contract", "App", "public", "'s_contract' is the name of a member of the class")]
    [InlineData("a b", "App", "public", "'a b' is not a class name in C#")]
    [InlineData("Run", "App", "public", "'Run' is the name of a member of the class")]
    [InlineData("A", "App..B", "public", "'App..B' is not a namespace in C#: '' is not an identifier")]
    [InlineData("A", "App", "private", "'private' is neither 'public' nor 'internal'")]
    [InlineData("A", null, "internal", null)]
    [InlineData("Größe", "App.Modèles", "public", null)]
    public void What_the_user_gave_is_validated(string className, string? space, string access, string? problem) =>
        Assert.Equal(problem, ClassGenerator.Validate(new ClassOptions { ClassName = className, Namespace = space, Access = access, TargetPath = "x" }));

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> SampleMetadata(string text) =>
        System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add(text, text);
}
