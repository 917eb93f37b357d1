using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Tests;

/// <summary>A generated class compiled without warnings: with C# 12, the oldest that it may meet, or with code that uses it and newer C#.</summary>
internal sealed class CompiledClass
{
    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];

    private readonly Type _caller;

    private CompiledClass(Type caller) => _caller = caller;

    /// <summary>Compiles the class and <c>static class Caller</c> with these members.</summary>
    public static CompiledClass Compile(Signature signature, ClassOptions options, string members = "")
    {
        string caller = $$"""
            using System;
            using System.Linq;
            using System.Numerics.Tensors;
            using System.Threading;
            using System.Threading.Tasks;
            using Microsoft.ML.OnnxRuntime;
            using OptimizeTasks.Runtime;
            {{(members.Length == 0 ? "" : $"using {options.Namespace};")}}

            public static class Caller
            {
                {{members}}
            }
            """;
        return new CompiledClass(Load(ClassGenerator.Generate(signature, options), caller, members.Length == 0 ? LanguageVersion.CSharp12 : LanguageVersion.Latest).GetType("Caller", throwOnError: true)!);
    }

    /// <summary>Calls a member of the caller.</summary>
    public T Call<T>(string method, params object?[] arguments)
    {
        try
        {
            return (T)_caller.GetMethod(method)!.Invoke(null, arguments)!;
        }
        catch (TargetInvocationException exception)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
    }

    private static Assembly Load(string generated, string caller, LanguageVersion version)
    {
        var parse = new CSharpParseOptions(version, DocumentationMode.Diagnose);
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, warningLevel: 9, nullableContextOptions: NullableContextOptions.Enable);
        CSharpCompilation compilation = CSharpCompilation.Create("Generated" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(generated, parse, "Generated.g.cs"), CSharpSyntaxTree.ParseText(caller, parse.WithDocumentationMode(DocumentationMode.None), "Caller.cs")],
            s_references, options);
        using var assembly = new MemoryStream();
        var problems = compilation.Emit(assembly, xmlDocumentationStream: new MemoryStream()).Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).ToList();
        Assert.True(problems.Count == 0, string.Join("\n", problems));
        return Assembly.Load(assembly.ToArray());
    }
}
