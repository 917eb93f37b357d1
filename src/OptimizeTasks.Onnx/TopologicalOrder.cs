namespace OptimizeTasks.Onnx;

/// <summary>Kahn's algorithm, stable: among the nodes that are ready, the one that stood first comes first.</summary>
internal static class TopologicalOrder
{
    public static void Sort(Graph graph)
    {
        Node[] nodes = [.. graph.Nodes];
        var position = new Dictionary<Node, int>(nodes.Length);
        for (int i = 0; i < nodes.Length; i++)
            position[nodes[i]] = i;

        var missing = new int[nodes.Length];
        var users = new List<int>[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            foreach (int producer in Producers(nodes[i], graph, position))
            {
                missing[i]++;
                (users[producer] ??= []).Add(i);
            }
        }

        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < nodes.Length; i++)
        {
            if (missing[i] == 0)
                ready.Enqueue(i, i);
        }

        var order = new List<Node>(nodes.Length);
        while (ready.TryDequeue(out int next, out _))
        {
            order.Add(nodes[next]);
            foreach (int user in users[next] ?? [])
            {
                if (--missing[user] == 0)
                    ready.Enqueue(user, user);
            }
        }

        if (order.Count != nodes.Length)
            throw new ModelFormatException("The graph has a cycle.");
        graph.Reorder(order);
    }

    /// <summary>The positions of the nodes of <paramref name="graph"/> whose outputs the node uses, itself or inside.</summary>
    private static HashSet<int> Producers(Node node, Graph graph, Dictionary<Node, int> position)
    {
        var found = new HashSet<int>();
        Collect(node);
        return found;

        void Collect(Node user)
        {
            foreach (Value? input in user.Inputs)
                Note(input);
            foreach (Graph subgraph in user.Subgraphs)
            {
                foreach (Node inner in subgraph.Nodes)
                    Collect(inner);
                foreach (Value output in subgraph.Outputs)
                    Note(output);
            }
        }

        void Note(Value? value)
        {
            if (value?.Producer is { } producer && value.Graph == graph && position.TryGetValue(producer, out int index))
                found.Add(index);
        }
    }
}
