using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Calling;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>Makes sessions: with the providers that can start, and a report of those that cannot.</summary>
internal static class SessionFactory
{
    public static LoadedModel Create(ModelContract contract, ModelGraphs graphs, IReadOnlyList<Provider> providers, ModelOptions options)
    {
        var candidates = providers.ToList();
        var skipped = new List<SkippedProvider>();
        // Where a provider cannot start, the next one may have a variant of its own.
        Variant? variant = graphs.Select(candidates);
        InferenceSession session;
        while (!TryCreate(graphs.Open(variant), variant, candidates, options, skipped, out session!))
        {
            if (options.RequireProvider || candidates.Count == 0)
                throw CannotStart(skipped);
            variant = graphs.Select(candidates);
        }

        var sized = new List<SizeVariant>();
        try
        {
            if (graphs.Manifest is null)
                ContractCheck.CheckSession(contract, session);
            Placement placement = PlacementReader.TryRead(session) with { Skipped = [.. skipped] };
            if (options.RequireProvider)
                ProviderRequirement.Check(providers[0], placement);
            var skippedVariants = new List<SkippedVariant>();
            foreach (Variant beside in graphs.SizesBeside(variant))
            {
                if (TryCreateSized(graphs.Open(beside), beside, candidates, options, skippedVariants) is { } made)
                    sized.Add(made);
            }

            placement = placement with { SkippedVariants = [.. skippedVariants] };
            Report(contract, variant, placement, options);
            foreach (SizeVariant made in sized)
                Report(contract, made.Variant, made.Placement, options);
            // What ConfigureSession may have added is only seen in the placement.
            bool isOnProcessor = candidates.All(provider => provider.Name == Provider.Cpu.Name)
                && (options.ConfigureSession is null || sized.Select(s => s.Placement).Append(placement).All(IsOnProcessor));
            return new LoadedModel(session, graphs.Manifest, variant, placement, candidates.Any(provider => provider.RunsOneCallAtATime), isOnProcessor) { SizeVariants = [.. sized] };
        }
        catch
        {
            session.Dispose();
            sized.ForEach(s => s.Session.Dispose());
            throw;
        }
    }

    /// <summary>A session for calls of certain sizes, or null where it cannot start: the general one computes the same.</summary>
    private static SizeVariant? TryCreateSized(ModelSource source, Variant variant, List<Provider> started, ModelOptions options, List<SkippedVariant> skipped)
    {
        try
        {
            return CreateSized(source, variant, started, options);
        }
        catch (Exception exception) when (!options.RequireProvider && IsProviderFailure(exception) && StartFailure.IsOfProvider(exception))
        {
            skipped.Add(new SkippedVariant(variant.Name, StartFailure.Explain(exception)));
            return null;
        }
    }

    /// <summary>A session for calls of certain sizes, on the providers that started for the general one.</summary>
    private static SizeVariant CreateSized(ModelSource source, Variant variant, List<Provider> started, ModelOptions options)
    {
        using SessionOptions sessionOptions = NewOptions(variant, options);
        foreach (Provider provider in started)
            provider.AppendTo(sessionOptions, provider.GetOptions(OptionsOf(variant, provider)));
        options.ConfigureSession?.Invoke(sessionOptions);
        InferenceSession session = source.CreateSession(sessionOptions);
        try
        {
            Placement placement = PlacementReader.TryRead(session);
            if (options.RequireProvider)
                ProviderRequirement.Check(started[0], placement);
            return new SizeVariant(variant, session, placement);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static bool IsOnProcessor(Placement placement) => placement.IsKnown && placement.Shares.All(share => share.Provider == Provider.Cpu.Name);

    /// <summary>Makes a session with all candidates, or removes and reports one that cannot start.</summary>
    private static bool TryCreate(ModelSource source, Variant? variant, List<Provider> candidates, ModelOptions options, List<SkippedProvider> skipped, out InferenceSession? session)
    {
        session = null;
        using SessionOptions sessionOptions = NewOptions(variant, options);
        foreach (Provider provider in candidates)
        {
            try
            {
                provider.AppendTo(sessionOptions, provider.GetOptions(OptionsOf(variant, provider)));
            }
            catch (Exception exception) when (IsProviderFailure(exception))
            {
                candidates.Remove(provider);
                skipped.Add(new SkippedProvider(provider.Name, StartFailure.Explain(exception)));
                return false;
            }
        }

        if (candidates.Count == 0)
            return false;
        options.ConfigureSession?.Invoke(sessionOptions);
        try
        {
            session = source.CreateSession(sessionOptions);
            return true;
        }
        catch (Exception exception) when (IsProviderFailure(exception) && candidates[0].Name != Provider.Cpu.Name && StartFailure.IsOfProvider(exception))
        {
            skipped.Add(new SkippedProvider(candidates[0].Name, StartFailure.Explain(exception)));
            candidates.RemoveAt(0);
            return false;
        }
    }

    private static bool IsProviderFailure(Exception exception) => exception is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException or NotSupportedException;

    private static ImmutableSortedDictionary<string, string> OptionsOf(Variant? variant, Provider provider) =>
        variant?.When.Provider == provider.Name ? variant.ProviderOptions : ImmutableSortedDictionary<string, string>.Empty;

    private static SessionOptions NewOptions(Variant? variant, ModelOptions options)
    {
        var session = new SessionOptions { GraphOptimizationLevel = LevelOf(variant?.LoadOptimization ?? LoadOptimization.All) };
        if (options.IntraOpThreads is { } intraOp)
            session.IntraOpNumThreads = intraOp;
        if (options.InterOpThreads is { } interOp)
            session.InterOpNumThreads = interOp;
        if (options.AllowSpinning is { } spinning)
            session.AddSessionConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
        if (options.RecordPlacement || options.RequireProvider)
            session.AddSessionConfigEntry(PlacementReader.RecordEntry, "1");
        foreach ((string name, string value) in variant?.SessionConfiguration ?? ImmutableSortedDictionary<string, string>.Empty)
            session.AddSessionConfigEntry(name, value);
        return session;
    }

    private static GraphOptimizationLevel LevelOf(LoadOptimization optimization) => optimization switch
    {
        LoadOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
        LoadOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
        LoadOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
        // ONNX Runtime's C# enumeration has no name for it.
        LoadOptimization.Layout => (GraphOptimizationLevel)3,
        _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
    };

    private static ProviderException CannotStart(List<SkippedProvider> skipped)
    {
        SkippedProvider first = skipped[0];
        string others = string.Concat(skipped.Skip(1).Select(provider => $"; {provider}"));
        return new ProviderException(first.Provider, $"the provider {first.Provider} cannot start: {first.Reason}{others}");
    }

    // Never silent: what was not asked for is at least traced.
    private static void Report(ModelContract contract, Variant? variant, Placement placement, ModelOptions options)
    {
        string line = $"{contract.ClassName}: {(variant is null ? "" : $"variant {variant.Name}, ")}{placement}";
        if (options.Log is not null)
            options.Log(line);
        else if (!placement.Skipped.IsEmpty || !placement.SkippedVariants.IsEmpty)
            Trace.TraceWarning(line);
    }
}
