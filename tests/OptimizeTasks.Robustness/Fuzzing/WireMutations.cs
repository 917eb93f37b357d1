using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>Damage that knows protobuf: fields with wrong numbers, wire types, lengths and contents.</summary>
internal static class WireMutations
{
    /// <summary>Files do not grow beyond this by damage.</summary>
    public const int LargestFile = 2 << 20;

    /// <summary>Deeper than any reader follows.</summary>
    private const int DeepestMessage = 250;

    private static readonly ulong[] s_numbers =
        [0, 1, 2, 127, 128, 255, 256, 32767, 65536, int.MaxValue, uint.MaxValue, 1UL << 32, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 1];

    public static (byte[] Bytes, string Description) Apply(byte[] bytes, Random random)
    {
        if (WireMessage.Parse(bytes, ModelProto.Descriptor) is not { } model)
            return BlindMutations.Apply(bytes, random);
        (WireMessage Parent, WireItem Item)[] all = [.. model.All()];
        if (all.Length == 0)
            return BlindMutations.Apply(bytes, random);
        (WireMessage parent, WireItem item) = all[random.Next(all.Length)];
        (WireMessage _, WireItem other) = all[random.Next(all.Length)];
        int index = parent.Items.IndexOf(item);
        string place = $"{parent.Descriptor.Name}.{parent.Descriptor.FindFieldByNumber(item.Number)?.Name ?? item.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
        string what = Change(parent, item, other, index, all, random);
        byte[] changed = model.ToBytes();
        return changed.Length > LargestFile ? (bytes, "nothing") : (changed, $"{place}: {what}");
    }

    private static string Change(WireMessage parent, WireItem item, WireItem other, int index, (WireMessage Parent, WireItem Item)[] all, Random random)
    {
        switch (random.Next(18))
        {
            case 0:
                parent.Items.RemoveAt(index);
                return "removed";
            case 1:
                parent.Items.Insert(random.Next(parent.Items.Count + 1), item.Clone());
                return "twice";
            case 2:
                item.Number = random.Next(4) == 0 ? random.Next(1, 1 << 29) : random.Next(1, 27);
                return $"number {item.Number}";
            case 3:
                item.Type = random.Next(8);
                return $"wire type {item.Type}";
            case 4 or 5 or 6:
                return Number(item, all, random);
            case 7:
                item.Length = random.Next(3) == 0 ? s_numbers[random.Next(s_numbers.Length)] : (ulong)random.Next(300);
                return $"length {item.Length}";
            case 8:
                byte[] content = item.Message?.ToBytes() ?? item.Content;
                (item.Message, item.Content) = (null, content[..random.Next(content.Length + 1)]);
                return "cut";
            case 9:
                (item.Message, item.Content) = (other.Message?.Clone(), other.Content);
                return "content of another field";
            case 10:
                (WireMessage target, WireItem _) = all[random.Next(all.Length)];
                target.Items.Insert(random.Next(target.Items.Count + 1), item.Clone());
                return $"also in {target.Descriptor.Name}";
            case 11:
                int count = random.Next(3) == 0 ? random.Next(2, 3000) : random.Next(2, 20);
                var copy = new WireItem(item.Number, item.Type) { Content = item.Message?.ToBytes() ?? item.Content };
                for (int i = 0; i < count && i * (long)(copy.Content.Length + 8) < LargestFile; i++)
                    parent.Items.Insert(index, copy);
                return $"{count} times";
            case 12:
                return Nest(item, all, random);
            case 13:
                parent.Items.Insert(index, new WireItem(random.Next(1, 30), (int)WireFormat.WireType.StartGroup));
                if (random.Next(2) == 0)
                    parent.Items.Insert(random.Next(index + 1, parent.Items.Count + 1), new WireItem(random.Next(1, 30), (int)WireFormat.WireType.EndGroup));
                return "a group before it";
            case 14:
                var unknown = new byte[random.Next(20)];
                random.NextBytes(unknown);
                parent.Items.Insert(index, new WireItem(random.Next(27, 5000), (int)WireFormat.WireType.LengthDelimited) { Content = unknown });
                return "an unknown field before it";
            case 15 when item.Type == (int)WireFormat.WireType.LengthDelimited:
                (item.Message, item.Content) = (null, [0xff, 0xfe, 0xc0, 0x80, .. item.Content]);
                return "no UTF-8";
            case 16 when item.Type == (int)WireFormat.WireType.LengthDelimited:
                int length = random.Next(4) == 0 ? 1 << 20 : random.Next(1, 10_000);
                (item.Message, item.Content) = (null, [.. Enumerable.Repeat((byte)(random.Next(2) == 0 ? 'a' : random.Next(256)), length)]);
                return $"{length} equal bytes";
            default:
                var bytes = new byte[random.Next(1, 30)];
                random.NextBytes(bytes);
                (item.Message, item.Content) = (null, bytes);
                return "random content";
        }
    }

    /// <summary>Another number, also spelled with more bytes than it needs.</summary>
    private static string Number(WireItem item, (WireMessage Parent, WireItem Item)[] all, Random random)
    {
        WireItem[] numbers = [.. all.Select(a => a.Item).Where(i => i.Type == (int)WireFormat.WireType.Varint)];
        if (numbers.Length > 0)
            item = numbers[random.Next(numbers.Length)];
        ulong value = random.Next(3) == 0 ? (ulong)random.Next(40) : s_numbers[random.Next(s_numbers.Length)];
        byte[] bytes = WireMessage.Varint(value);
        if (random.Next(8) == 0)
            bytes = [.. bytes[..^1], (byte)(bytes[^1] | 0x80), .. Enumerable.Repeat((byte)0x80, random.Next(12)), 0];
        (item.Message, item.Content) = (null, bytes);
        return $"the number {value}";
    }

    /// <summary>Messages inside themselves, to some depth.</summary>
    private static string Nest(WireItem item, (WireMessage Parent, WireItem Item)[] all, Random random)
    {
        (WireMessage Parent, WireItem Item)[] holders = [.. all.Where(a => a.Item.Message is not null && a.Item != item && a.Item.Message.All().Any(i => i.Item.Message?.Descriptor == a.Item.Message.Descriptor))];
        if (holders.Length == 0)
            return "nothing";
        WireItem outer = holders[random.Next(holders.Length)].Item;
        int depth = random.Next(1, 60), i = 0;
        for (; i < depth && outer.Message!.Depth < DeepestMessage && outer.Message.ToBytes().Length < LargestFile / 4; i++)
        {
            WireMessage copy = outer.Message.Clone();
            WireItem[] places = [.. outer.Message.All().Select(a => a.Item).Where(a => a.Message?.Descriptor == copy.Descriptor)];
            places[random.Next(places.Length)].Message = copy;
        }

        return $"{outer.Message!.Descriptor.Name} nested {i} times";
    }
}
