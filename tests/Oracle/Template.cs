using System.Globalization;

namespace OrleansKv.Oracle;

/// <summary>
/// A command's syntax as a text that can be expanded at random, written almost as Redis documents it:
/// <c>{k}</c> is replaced by a random key, <c>[NX|XX]</c> is one of the alternatives or nothing, <c>(LEFT|RIGHT)</c> is one of them,
/// a <c>+</c> after a placeholder or a group repeats it one to four times, and <c>5*</c> in front makes the command five times as likely.
/// </summary>
internal sealed class Template
{
    private const int MaxRepeats = 4;

    private static readonly char[] Marks = ['(', ')', '[', ']', '|'];

    private readonly Node _root;

    private Template(int weight, Node root)
    {
        Weight = weight;
        _root = root;
    }

    public int Weight { get; }

    public static Template Parse(string text)
    {
        int weight = 1;
        int star = text.IndexOf('*', StringComparison.Ordinal);
        if (star > 0 && int.TryParse(text.AsSpan(0, star), NumberStyles.None, CultureInfo.InvariantCulture, out int parsed))
        {
            weight = parsed;
            text = text[(star + 1)..];
        }
        var tokens = new Queue<string>(Tokens(text));
        Node root = ParseSequence(tokens);
        if (tokens.Count > 0)
            throw new FormatException($"unbalanced: {text}");
        return new Template(weight, root);
    }

    public string[] Expand(Gen gen)
    {
        var args = new List<string>();
        _root.Expand(gen, args);
        return [.. args];
    }

    private static string[] Tokens(string text)
    {
        foreach (char mark in Marks)
            text = text.Replace($"{mark}", $" {mark} ", StringComparison.Ordinal);
        return text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Sequence ParseSequence(Queue<string> tokens)
    {
        var nodes = new List<Node>();
        while (tokens.TryPeek(out string? token) && token is not (")" or "]" or "|"))
        {
            tokens.Dequeue();
            Node node = token switch
            {
                "(" => ParseGroup(tokens, ")", optional: false),
                "[" => ParseGroup(tokens, "]", optional: true),
                ['{', .., '}'] => new Placeholder(token[1..^1]),
                ['{', .., '}', '+'] => new Repeat(new Placeholder(token[1..^2])),
                _ => new Literal(token),
            };
            if (tokens.TryPeek(out string? next) && next == "+")
            {
                tokens.Dequeue();
                node = new Repeat(node);
            }
            nodes.Add(node);
        }
        return new Sequence(nodes);
    }

    private static Choice ParseGroup(Queue<string> tokens, string close, bool optional)
    {
        var alternatives = new List<Node>();
        while (true)
        {
            alternatives.Add(ParseSequence(tokens));
            string end = tokens.Dequeue();
            if (end == close)
                return new Choice(alternatives, optional);
            if (end != "|")
                throw new FormatException($"`{end}` where `{close}` should be");
        }
    }

    private abstract class Node
    {
        public abstract void Expand(Gen gen, List<string> args);
    }

    private sealed class Literal(string word) : Node
    {
        public override void Expand(Gen gen, List<string> args) => args.Add(word);
    }

    private sealed class Placeholder(string name) : Node
    {
        private readonly Func<Gen, string[]> _expand = Placeholders.Named(name);

        public override void Expand(Gen gen, List<string> args) => args.AddRange(_expand(gen));
    }

    private sealed class Sequence(List<Node> nodes) : Node
    {
        public override void Expand(Gen gen, List<string> args)
        {
            foreach (Node node in nodes)
                node.Expand(gen, args);
        }
    }

    private sealed class Choice(List<Node> alternatives, bool optional) : Node
    {
        public override void Expand(Gen gen, List<string> args)
        {
            if (!optional || gen.Chance(0.4))
                gen.Pick(alternatives).Expand(gen, args);
        }
    }

    private sealed class Repeat(Node node) : Node
    {
        public override void Expand(Gen gen, List<string> args)
        {
            for (int times = gen.Between(1, MaxRepeats); times > 0; times--)
                node.Expand(gen, args);
        }
    }
}
