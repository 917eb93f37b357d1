using System.Collections;
using System.Diagnostics;
using System.Reflection;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>A class of a project that makes samples: the one with a static method <c>Samples()</c> that returns them.</summary>
internal sealed class SampleClass
{
    private const string MethodName = "Samples";

    private readonly MethodInfo _method;

    private SampleClass(MethodInfo method) => _method = method;

    /// <summary>The class of an assembly.</summary>
    /// <exception cref="InvalidDataException">The assembly cannot be loaded, or has no such class or several.</exception>
    public static SampleClass In(string assembly)
    {
        try
        {
            MethodInfo[] methods = [.. new SampleAssemblies(assembly).LoadFromAssemblyPath(assembly).GetTypes().SelectMany(MethodsOf)];
            return methods switch
            {
                [var only] => new SampleClass(only),
                [] => throw new InvalidDataException($"There is no class with a method: static IEnumerable<Dictionary<string, Array>> {MethodName}()"),
                _ => throw new InvalidDataException($"There are several classes with a static method {MethodName}(): {string.Join(", ", methods.Select(m => m.DeclaringType))}"),
            };
        }
        catch (ReflectionTypeLoadException e)
        {
            throw new InvalidDataException($"The class cannot be loaded: {e.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message}", e);
        }
        catch (Exception e) when (e is not InvalidDataException)
        {
            throw new InvalidDataException($"The class cannot be loaded: {e.Message}", e);
        }
    }

    /// <summary>The samples, one at a time.</summary>
    /// <exception cref="InvalidDataException">The class threw an exception, or gives something else.</exception>
    public IEnumerable<Dictionary<string, Tensor>> Read()
    {
        IEnumerator samples = Guarded(() => ((IEnumerable?)_method.Invoke(null, null) ?? throw new InvalidDataException($"{MethodName}() returns null")).GetEnumerator());
        while (Guarded(samples.MoveNext))
            yield return Guarded(() => SampleArray.AllOf(samples.Current));
    }

    private static IEnumerable<MethodInfo> MethodsOf(Type type) => type
        .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Where(method => method is { Name: MethodName, ContainsGenericParameters: false } && method.GetParameters().Length == 0 && typeof(IEnumerable).IsAssignableFrom(method.ReturnType));

    private T Guarded<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (InvalidDataException e) when (e.TargetSite?.Module.Assembly == typeof(SampleClass).Assembly)
        {
            throw new InvalidDataException($"{MethodName}() of {_method.DeclaringType}: {e.Message}", e);
        }
        catch (Exception e)
        {
            Exception cause = e;
            while (cause is TargetInvocationException or TypeInitializationException && cause.InnerException is { } inner)
                cause = inner;
            throw new InvalidDataException($"{MethodName}() of {_method.DeclaringType} threw {cause.GetType().Name}{Place(cause)}: {cause.Message}", e);
        }
    }

    /// <summary>The innermost line of the class's own sources.</summary>
    private string Place(Exception exception)
    {
        StackFrame? frame = new StackTrace(exception, fNeedFileInfo: true).GetFrames()
            .FirstOrDefault(f => f.GetFileName() is not null && f.GetMethod()?.Module == _method.Module);
        return frame is null ? "" : $" in {Path.GetFileName(frame.GetFileName())}, line {frame.GetFileLineNumber()}";
    }
}
