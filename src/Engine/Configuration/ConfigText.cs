using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrleansKv.Engine.Configuration;

/// <summary>
/// The text of the configuration. Redis's configuration is made of bytes, so within this namespace a parameter's text is a string with
/// one character per byte (Latin-1); whoever needs real characters, for a path or a log line, converts with <see cref="ToUnicode"/>.
/// </summary>
public static class ConfigText
{
    private static readonly SearchValues<char> GlobCharacters = SearchValues.Create("[*?");

    /// <summary>Bytes as configuration text.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>Configuration text as the bytes it stands for.</summary>
    public static byte[] ToBytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>A string of the platform (a path, a command-line argument) as configuration text: its UTF-8 bytes.</summary>
    public static string FromUnicode(string text) =>
        Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Configuration text that holds UTF-8 as a string of the platform.</summary>
    public static string ToUnicode(string text) =>
        Ascii.IsValid(text) ? text : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text));

    /// <summary>Whether Redis takes the text for a glob pattern rather than a plain name.</summary>
    public static bool IsPattern(string text) => text.AsSpan().ContainsAny(GlobCharacters);

    /// <summary>
    /// Splits a line as Redis's <c>sdssplitargs</c> does: blanks separate; "…" takes \n \r \t \b \a \xHH and \c for any other c; '…' takes
    /// only \'. A closing quote must end its argument. Null if the quotes do not balance.
    /// </summary>
    public static List<string>? Split(string line)
    {
        var arguments = new List<string>();
        var token = new StringBuilder();
        int position = 0;
        while (true)
        {
            while (position < line.Length && IsBlank(line[position]))
                position++;
            if (position == line.Length)
                return arguments;
            token.Clear();
            if (!ReadToken(line, ref position, token))
                return null;
            arguments.Add(token.ToString());
        }
    }

    /// <summary>Quotes text so that <see cref="Split"/> gives it back: Redis's <c>sdscatrepr</c>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '\\' or '"' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\a' => quoted.Append("\\a"),
                '\b' => quoted.Append("\\b"),
                >= ' ' and <= '~' => quoted.Append(c),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static bool ReadToken(string line, ref int position, StringBuilder token)
    {
        while (position < line.Length)
        {
            char c = line[position++];
            switch (c)
            {
                case ' ' or '\n' or '\r' or '\t':
                    return true;
                case '"':
                    return ReadDoubleQuoted(line, ref position, token);
                case '\'':
                    return ReadSingleQuoted(line, ref position, token);
                default:
                    token.Append(c);
                    break;
            }
        }

        return true;
    }

    private static bool ReadDoubleQuoted(string line, ref int position, StringBuilder token)
    {
        while (position < line.Length)
        {
            char c = line[position++];
            if (c == '"')
                return EndsArgument(line, position);
            if (c == '\\' && position < line.Length)
                c = ReadEscape(line, ref position);
            token.Append(c);
        }

        return false;
    }

    private static char ReadEscape(string line, ref int position)
    {
        char c = line[position++];
        if (c == 'x' && position + 1 < line.Length && char.IsAsciiHexDigit(line[position]) && char.IsAsciiHexDigit(line[position + 1]))
        {
            char value = (char)byte.Parse(line.AsSpan(position, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            position += 2;
            return value;
        }

        return c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'a' => '\a', _ => c };
    }

    private static bool ReadSingleQuoted(string line, ref int position, StringBuilder token)
    {
        while (position < line.Length)
        {
            char c = line[position++];
            if (c == '\'')
                return EndsArgument(line, position);
            if (c == '\\' && position < line.Length && line[position] == '\'')
            {
                c = '\'';
                position++;
            }

            token.Append(c);
        }

        return false;
    }

    private static bool EndsArgument(string line, int position) => position == line.Length || IsBlank(line[position]);

    /// <summary>C's isspace in the "C" locale.</summary>
    private static bool IsBlank(char c) => c is ' ' or (>= '\t' and <= '\r');
}
