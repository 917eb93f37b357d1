using OptimizeTasks.CodeGeneration.Analysis;
using OptimizeTasks.CodeGeneration.Naming;

namespace OptimizeTasks.CodeGeneration.Emitting;

/// <summary>Constructors and the ways to load.</summary>
internal static class LoadMethods
{
    public static string Of(ClassModel model)
    {
        string name = Identifiers.Escape(model.Options.ClassName);
        return $$"""
            /// <summary>A model around a session of the caller's making, which remains the caller's to dispose of.</summary>
            /// <exception cref="global::OptimizeTasks.Runtime.ModelMismatchException">The session's model is another one.</exception>
            public {{name}}(global::Microsoft.ML.OnnxRuntime.InferenceSession session)
                : base(s_contract, session)
            {
            }

            private {{name}}(global::OptimizeTasks.Runtime.Loading.LoadedModel loaded)
                : base(s_contract, loaded)
            {
            }

            /// <summary>Loads the model that the build copied to the app's folder.</summary>
            public static {{name}} Load(global::OptimizeTasks.Runtime.ModelOptions? options = null) =>
                new(global::OptimizeTasks.Runtime.Loading.ModelLoader.Load(s_contract, path: null, options));

            /// <summary>Loads the model from a file; its manifest stands beside it.</summary>
            public static {{name}} Load(string path, global::OptimizeTasks.Runtime.ModelOptions? options = null) =>
                new(global::OptimizeTasks.Runtime.Loading.ModelLoader.Load(s_contract, path, options));

            /// <summary>Loads the model from a stream, which holds all its weights too.</summary>
            public static {{name}} Load(global::System.IO.Stream model, global::OptimizeTasks.Runtime.ModelOptions? options = null) =>
                new(global::OptimizeTasks.Runtime.Loading.ModelLoader.Load(s_contract, model, options));

            /// <summary>Loads the model from an embedded resource, which holds all its weights too.</summary>
            public static {{name}} LoadResource(global::System.Reflection.Assembly assembly, string name, global::OptimizeTasks.Runtime.ModelOptions? options = null) =>
                new(global::OptimizeTasks.Runtime.Loading.ModelLoader.LoadResource(s_contract, assembly, name, options));

            /// <summary>Loads the model on another thread: from the app's folder, or from a file.</summary>
            public static global::System.Threading.Tasks.Task<{{name}}> LoadAsync(
                string? path = null,
                global::OptimizeTasks.Runtime.ModelOptions? options = null,
                global::System.Threading.CancellationToken cancellationToken = default) =>
                global::System.Threading.Tasks.Task.Run(
                    () => new {{name}}(global::OptimizeTasks.Runtime.Loading.ModelLoader.Load(s_contract, path, options)), cancellationToken);
            """;
    }
}
