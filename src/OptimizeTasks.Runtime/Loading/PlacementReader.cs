using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Runtime.Native;
using OptimizeTasks.Runtime.Providers;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>Reads what ONNX Runtime recorded about the assignment of nodes to providers.</summary>
internal static unsafe class PlacementReader
{
    /// <summary>The entry of the session's configuration that makes ONNX Runtime record it.</summary>
    public const string RecordEntry = "session.record_ep_graph_assignment_info";

    private static readonly Version s_firstVersion = new(1, 24);

    /// <summary>The placement; an unknown one where the session recorded none.</summary>
    public static Placement TryRead(InferenceSession session)
    {
        // An older library's table of functions ends before ours.
        if (!System.Version.TryParse(OrtNative.Version.Split('-', '+')[0], out Version? version) || version < s_firstVersion)
            return new Placement();
        try
        {
            return Read(session);
        }
        catch (InferenceException)
        {
            return new Placement();
        }
    }

    private static Placement Read(InferenceSession session)
    {
        nint* subgraphs;
        nuint count;
        OrtNative.Check(((delegate* unmanaged<nint, nint**, nuint*, nint>)OrtNative.Api->Session_GetEpGraphAssignmentInfo)(OrtNative.Handle(session), &subgraphs, &count));
        var providers = new SortedDictionary<string, SortedDictionary<string, int>>(StringComparer.Ordinal);
        for (nuint i = 0; i < count; i++)
        {
            string provider = Text(OrtNative.Api->EpAssignedSubgraph_GetEpName, subgraphs[i]);
            if (!providers.TryGetValue(provider, out SortedDictionary<string, int>? operators))
                providers.Add(provider, operators = new SortedDictionary<string, int>(StringComparer.Ordinal));
            CountNodes(subgraphs[i], operators);
        }

        GC.KeepAlive(session);
        return new Placement
        {
            Shares =
            [
                .. providers.Select(entry => new ProviderShare(ProviderNames.OfOrtName(entry.Key), entry.Value.Values.Sum(), entry.Value.ToImmutableSortedDictionary(StringComparer.Ordinal)))
                    .OrderByDescending(share => share.Nodes),
            ],
        };
    }

    private static void CountNodes(nint subgraph, SortedDictionary<string, int> operators)
    {
        nint* nodes;
        nuint count;
        OrtNative.Check(((delegate* unmanaged<nint, nint**, nuint*, nint>)OrtNative.Api->EpAssignedSubgraph_GetNodes)(subgraph, &nodes, &count));
        for (nuint i = 0; i < count; i++)
        {
            string type = Text(OrtNative.Api->EpAssignedNode_GetOperatorType, nodes[i]);
            operators[type] = operators.GetValueOrDefault(type) + 1;
        }
    }

    private static string Text(nint function, nint item)
    {
        byte* text;
        OrtNative.Check(((delegate* unmanaged<nint, byte**, nint>)function)(item, &text));
        return OrtNative.Utf8(text);
    }
}
