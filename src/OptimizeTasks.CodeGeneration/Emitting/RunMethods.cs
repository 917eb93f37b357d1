using OptimizeTasks.CodeGeneration.Analysis;

namespace OptimizeTasks.CodeGeneration.Emitting;

/// <summary>The ways to run: owned outputs, the caller's tensors, asynchronously, each with a state where the model has one.</summary>
internal static class RunMethods
{
    private const string Tensors = "global::System.Numerics.Tensors";
    private const string Tasks = "global::System.Threading.Tasks";

    private static string Exceptions(ClassModel model) => $"""
        /// <exception cref="global::System.ArgumentException">A shape is wrong{(model.Signature.Contracts.IsEmpty ? "" : ", or an input is not what the build was promised")}.</exception>
        /// <exception cref="global::OptimizeTasks.Runtime.InferenceException">ONNX Runtime cannot run the model.</exception>
        """;

    public static IEnumerable<string> Of(ClassModel model)
    {
        yield return Owned(model, withState: false);
        if (model.IsBindable)
            yield return Bound(model, withState: false);
        yield return Async(model, withState: false);
        if (model.States.IsEmpty)
            yield break;
        yield return Owned(model, withState: true);
        if (model.IsBindable && model.Outputs.Any(output => output.State is null))
            yield return Bound(model, withState: true);
        yield return Async(model, withState: true);
    }

    private static string Owned(ClassModel model, bool withState) => $$"""
        /// <summary>Runs the model{{(withState ? " on a state, which takes the next one" : "")}}. Hold the result in a <c>using</c> declaration: it owns the memory of the outputs.</summary>
        {{Documentation(model, withState, withDestinations: false)}}
        {{Exceptions(model)}}
        public Outputs Run({{Parameters(model, withState, Parameter)}})
        {
            using global::OptimizeTasks.Runtime.Calling.InputValues inputValues = NewInputs();
            {{Text.Lines(model.Inputs.Select(input => Add(model, input, withState, isMemory: false)), 1)}}
            return new Outputs(Invoke(inputValues));
        }
        """;

    private static string Async(ClassModel model, bool withState) => $$"""
        /// <summary>Runs the model{{(withState ? " on a state, which takes the next one," : "")}} on another thread. The inputs are copied before the method returns.</summary>
        {{Documentation(model, withState, withDestinations: false)}}
        /// <param name="cancellationToken">Ends the run.</param>
        {{Exceptions(model)}}
        /// <exception cref="global::System.OperationCanceledException">The run was cancelled.</exception>
        public async {{Tasks}}.Task<Outputs> RunAsync({{Parameters(model, withState, MemoryParameter, "global::System.Threading.CancellationToken cancellationToken = default")}})
        {
            using global::OptimizeTasks.Runtime.Calling.InputValues inputValues = NewInputs();
            {{Text.Lines(model.Inputs.Select(input => Add(model, input, withState, isMemory: true)), 1)}}
            return new Outputs(await InvokeAsync(inputValues, cancellationToken).ConfigureAwait(false));
        }
        """;

    private static string Bound(ClassModel model, bool withState)
    {
        ClassValue[] tensors = [.. model.Inputs.Where(input => input.Form == ValueForm.Tensor && !InState(input)), .. model.Outputs.Where(output => output.Form == ValueForm.Tensor && !InState(output))];
        string room = string.Concat(tensors.Select(value => $" + {value.Argument}.Rank"));
        return $$"""
            /// <summary>Runs the model{{(withState ? " on a state, which takes the next one," : "")}} into tensors of the caller, without allocating once their shapes have been seen.</summary>
            {{Documentation(model, withState, withDestinations: true)}}
            {{Exceptions(model)}}
            public void Run({{Parameters(model, withState, Parameter, [.. model.Outputs.Where(output => !InState(output)).Select(Destination)])}})
            {
                global::OptimizeTasks.Runtime.Calling.ShapeList callShapes = new(stackalloc nint[{{model.Inputs.Length + model.Outputs.Length}}{{room}}]);
                {{Text.Lines(model.Inputs.Concat(model.Outputs).Select(value => Shape(value, InState(value))), 1)}}
                using global::OptimizeTasks.Runtime.Calling.BoundCall boundCall = Bind(callShapes);
                {{Text.Lines([.. model.Inputs.Where(input => !InState(input)).Select(CopyIn), $"boundCall.Run({(withState ? model.StateParameter : "")});", .. model.Outputs.Where(output => !InState(output)).Select(CopyOut)], 1)}}
            }
            """;

        bool InState(ClassValue value) => withState && value.State is not null;
    }

    private static string Parameters(ClassModel model, bool withState, Func<ClassValue, string> parameter, params string[] more)
    {
        ClassValue[] inputs = [.. model.Inputs.Where(input => !(withState && input.State is not null))];
        string[] state = withState ? [$"RecurrentState {model.StateParameter}"] : [];
        // What may be left out stands last; a cancellation token even behind it.
        bool isAsync = more is [var only] && only.Contains("cancellationToken", StringComparison.Ordinal);
        string[] all =
        [
            .. inputs.Where(input => !input.IsOptional).Select(parameter), .. state, .. isAsync ? [] : more,
            .. inputs.Where(input => input.IsOptional).Select(parameter), .. isAsync ? more : [],
        ];
        string text = string.Join(", ", all);
        return text.Length <= 120 && all.Length <= 3 ? text : "\n    " + string.Join(",\n    ", all);
    }

    private static string Parameter(ClassValue input)
    {
        string type = input.Form switch
        {
            ValueForm.Tensor or ValueForm.Strings => $"in {Tensors}.ReadOnlyTensorSpan<{input.Type}>",
            _ => Nullable(input),
        };
        return $"{type} {input.Argument}{(input.IsOptional ? " = default" : "")}";
    }

    private static string MemoryParameter(ClassValue input)
    {
        string type = input.Form switch
        {
            ValueForm.Tensor or ValueForm.Strings => $"global::OptimizeTasks.Runtime.TensorMemory<{input.Type}>",
            _ => Nullable(input),
        };
        return $"{type} {input.Argument}{(input.IsOptional ? " = default" : "")}";
    }

    private static string Nullable(ClassValue input) => input.IsOptional ? input.Type + "?" : input.Type;

    private static string Destination(ClassValue output) => output.Form == ValueForm.Scalar
        ? $"out {output.Type} {output.Argument}"
        : $"in {Tensors}.TensorSpan<{output.Type}> {output.Argument}";

    private static string Add(ClassModel model, ClassValue input, bool withState, bool isMemory)
    {
        if (withState && input.State is { } part)
            return $"inputValues.AddState({model.StateParameter}, {part});";
        string method = (input.Form, input.IsOptional) switch
        {
            (ValueForm.Strings, false) => "AddStrings",
            (ValueForm.Strings, true) => "AddOptionalStrings",
            (ValueForm.String, false) => "AddString",
            (ValueForm.String, true) => "AddOptionalString",
            (_, true) => "AddOptional",
            _ => "Add",
        };
        string argument = isMemory && input.Form is ValueForm.Tensor or ValueForm.Strings && isMemory ? input.Argument + ".AsTensorSpan()" : input.Argument;
        return $"inputValues.{method}({argument});";
    }

    private static string Shape(ClassValue value, bool inState) => (value.Form, value.IsOptional) switch
    {
        _ when inState => "callShapes.AddState();",
        (ValueForm.Tensor, false) => $"callShapes.Add({value.Argument}.Lengths);",
        (ValueForm.Tensor, true) => $"callShapes.AddOptional({value.Argument}.Lengths);",
        (_, true) => $"callShapes.AddOptionalScalar({value.Argument}.HasValue);",
        _ => "callShapes.AddScalar();",
    };

    private static string CopyIn(ClassValue input) => input.Form == ValueForm.Tensor
        ? $"boundCall.CopyIn({input.Index}, {input.Argument});"
        : $"boundCall.Set<{input.Type}>({input.Index}, {input.Argument});";

    private static string CopyOut(ClassValue output) => output.Form == ValueForm.Tensor
        ? $"boundCall.CopyOut({output.Index}, {output.Argument});"
        : $"{output.Argument} = boundCall.Get<{output.Type}>({output.Index});";

    private static string? Promise(ClassModel model, ClassValue input) => model.Signature.Contracts.FirstOrDefault(contract => contract.Input == input.Signature.Name)?.Promise;

    private static string Documentation(ClassModel model, bool withState, bool withDestinations)
    {
        IEnumerable<string> lines = model.Inputs.Where(input => !(withState && input.State is not null))
            .Select(input => $"/// <param name=\"{input.Parameter}\">{Emitting.Documentation.OfValue(input, Promise(model, input))}</param>");
        if (withState)
            lines = lines.Append($"/// <param name=\"{model.StateParameter}\">The state, from <see cref=\"NewState\"/>.</param>");
        if (withDestinations)
        {
            lines = lines.Concat(model.Outputs.Where(output => !(withState && output.State is not null))
                .Select(output => $"/// <param name=\"{output.Parameter}\">Receives {Emitting.Documentation.OfValue(output)}</param>"));
        }

        return string.Join("\n", lines);
    }
}
