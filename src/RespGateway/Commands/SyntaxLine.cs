namespace OrleansKv.RespGateway.Commands;

/// <summary>An argument of COMMAND DOCS.</summary>
/// <param name="Name">Lower-case name.</param>
/// <param name="Type">"string", "integer", "double", "key", "pattern", "unix-time", "pure-token", "oneof" or "block".</param>
/// <param name="Token">The word that comes before it, or null.</param>
/// <param name="Flags">"optional" and "multiple", separated by a blank.</param>
/// <param name="Arguments">Of a block or a choice.</param>
internal sealed record SyntaxArgument(string Name, string Type, string? Token, string Flags, IReadOnlyList<SyntaxArgument> Arguments);

/// <summary>
/// Reads the syntax line of Redis's documentation ("SET key value [NX | XX] [EX seconds | PX milliseconds]") into arguments: upper-case words
/// are tokens, lower-case ones values, [ ] holds what is optional, | separates alternatives, and "x [x ...]" is x several times.
/// </summary>
internal ref struct SyntaxLine
{
    private readonly string[] _words;
    private int _at;

    private SyntaxLine(string[] words, int at)
    {
        _words = words;
        _at = at;
    }

    /// <summary>The arguments behind the first <paramref name="nameWords"/> words.</summary>
    public static IReadOnlyList<SyntaxArgument> Parse(string syntax, int nameWords)
    {
        foreach (var mark in new[] { "[", "]", "<", ">", "|" }) syntax = syntax.Replace(mark, $" {mark} ", StringComparison.Ordinal);
        var words = syntax.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new SyntaxLine(words, Math.Min(nameWords, words.Length)).Sequence();
    }

    // A sequence of arguments up to a closing mark or an alternative.
    private List<SyntaxArgument> Sequence()
    {
        var arguments = new List<SyntaxArgument>();
        while (_at < _words.Length && _words[_at] is not ("]" or ">" or "|"))
        {
            if (_words[_at] == "...")
            {
                _at++;
                continue;
            }

            var argument = Next();
            if (IsRepetitionOf(arguments, argument)) continue;
            arguments.Add(argument);
        }

        return arguments;
    }

    // "key [key ...]": the bracket repeats what stands before it, which then can come several times.
    private static bool IsRepetitionOf(List<SyntaxArgument> before, SyntaxArgument argument)
    {
        if (argument.Flags != "optional repeated") return false;
        var count = argument.Arguments.Count == 0 ? 1 : argument.Arguments.Count;
        if (before.Count < count) return false;
        if (count == 1)
        {
            before[^1] = before[^1] with { Flags = Join(before[^1].Flags, "multiple") };
            return true;
        }

        var parts = before.GetRange(before.Count - count, count);
        before.RemoveRange(before.Count - count, count);
        before.Add(new SyntaxArgument(string.Join('_', parts.Select(part => part.Name)), "block", null, "multiple", parts));
        return true;
    }

    private SyntaxArgument Next()
    {
        var word = _words[_at++];
        if (word is "[" or "<")
        {
            var repeats = false;
            var choices = Choices(ref repeats);
            var inner = Combine(choices);
            if (word == "<") return inner;
            return inner with { Flags = repeats ? "optional repeated" : Join("optional", inner.Flags) };
        }

        if (!IsToken(word)) return Value(word, null);
        if (_at < _words.Length && !IsToken(_words[_at]) && _words[_at] is not ("[" or "]" or "<" or ">" or "|" or "...")) return Value(_words[_at++], word);
        return new SyntaxArgument(word.ToLowerInvariant(), "pure-token", word, "", []);
    }

    private List<List<SyntaxArgument>> Choices(ref bool repeats)
    {
        var choices = new List<List<SyntaxArgument>>();
        while (true)
        {
            choices.Add(Sequence());
            repeats |= _at > 0 && _words[_at - 1] == "...";
            if (_at >= _words.Length || _words[_at++] != "|") return choices;
        }
    }

    private static SyntaxArgument Combine(List<List<SyntaxArgument>> choices)
    {
        var options = choices.ConvertAll(choice => choice.Count == 1 ? choice[0] : new SyntaxArgument(NameOf(choice), "block", null, "", choice));
        return options.Count == 1 ? options[0] : new SyntaxArgument(NameOf(options), "oneof", null, "", options);
    }

    private static string NameOf(List<SyntaxArgument> arguments) => arguments.Count == 0 ? "argument" : arguments[0].Name;

    private readonly SyntaxArgument Value(string word, string? token) => new(word, TypeOf(word), token, "", []);

    private static bool IsToken(string word) => word.Length > 0 && char.IsAsciiLetterUpper(word[0]);

    private static string Join(string left, string right) => (left + " " + right).Trim();

    private readonly string TypeOf(string name) => name switch
    {
        "increment" => _words[0].EndsWith("FLOAT", StringComparison.Ordinal) ? "double" : "integer",
        "key" or "source" or "destination" or "newkey" => "key",
        "pattern" => "pattern",
        "seconds" or "milliseconds" or "count" or "index" or "start" or "stop" or "offset" or "numkeys" or "rank" or "cursor" or "limit"
            or "decrement" or "end" or "db" or "destination-db" or "num-matches" or "len" or "client-id" or "protover" => "integer",
        "score" or "timeout" => "double",
        "unix-time-seconds" or "unix-time-milliseconds" => "unix-time",
        _ => "string",
    };
}
