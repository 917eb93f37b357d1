using System.Diagnostics;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>Makes a file that fails smaller, as long as it fails in the same way.</summary>
internal sealed class Minimizer(CaseRunner runner)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public byte[] Minimize(FuzzCase damaged, string signature)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] smallest = damaged.Bytes;
        for (int left = 0; left < damaged.Damage.Count; left++)
        {
            int kept = left;
            Try(FuzzCase.Of(damaged.Seed, i => i == kept).Bytes);
        }

        for (bool smaller = true; smaller && Stopwatch.GetElapsedTime(start) < s_patience;)
            smaller = RemoveFields();
        return smallest;

        bool Try(byte[] bytes)
        {
            if (bytes.Length >= smallest.Length || runner.Run(bytes, verify: false).Signature != signature)
                return false;
            smallest = bytes;
            return true;
        }

        // One field after the other, the outer ones first.
        bool RemoveFields()
        {
            bool removed = false;
            for (int index = 0; Stopwatch.GetElapsedTime(start) < s_patience; index++)
            {
                WireMessage? model = WireMessage.Parse(smallest, ModelProto.Descriptor);
                (WireMessage Parent, WireItem Item)[] all = [.. model?.All() ?? []];
                if (index >= all.Length)
                    break;
                all[index].Parent.Items.Remove(all[index].Item);
                if (!Try(model!.ToBytes()))
                    continue;
                removed = true;
                index--;
            }

            return removed;
        }
    }
}
