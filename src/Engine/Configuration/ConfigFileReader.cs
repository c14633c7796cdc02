using System.Text;

namespace OrleansKv.Engine.Configuration;

/// <summary>
/// Reads redis.conf text into a <see cref="ServerConfig"/>: a directive a line, later ones override earlier ones, <c>include</c> reads
/// another file in place. The file of the command line, standard input and the options of the command line are one text, in this order, so
/// that line numbers count on from one to the next.
/// </summary>
public sealed class ConfigFileReader(ServerConfig config)
{
    /// <summary>Included files that may be open at once; a file that includes itself ends here.</summary>
    private const int MaxIncludeDepth = 32;

    private static readonly char[] LineBlanks = [' ', '\t', '\r', '\n'];

    private int _depth;

    /// <summary>Loads what a command line asks for. Throws <see cref="ConfigFileException"/>.</summary>
    public void Load(CommandLine commandLine, TextReader standardInput)
    {
        var text = new StringBuilder();
        if (commandLine.ConfigFile is { } file)
        {
            config.ConfigFile = config.ResolvePath(file);
            text.Append(ReadFile(file));
        }

        if (commandLine.ReadsStandardInput)
            text.Append(ConfigText.FromUnicode(standardInput.ReadToEnd()));
        if (commandLine.Options.Length > 0)
            text.Append('\n').Append(commandLine.Options);
        LoadText(text.ToString());
    }

    /// <summary>Loads configuration text. Throws <see cref="ConfigFileException"/>.</summary>
    public void LoadText(string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim(LineBlanks);
            if (line.Length > 0 && line[0] != '#' && LoadLine(line) is { } reason)
                throw new ConfigFileException(i + 1, line, reason);
        }
    }

    /// <summary>Gives null, or the reason why the line is wrong.</summary>
    private string? LoadLine(string line)
    {
        List<string>? arguments = ConfigText.Split(line);
        if (arguments is null)
            return "Unbalanced quotes in configuration line";
        if (arguments.Count == 0)
            return null;

        string name = arguments[0];
        arguments.RemoveAt(0);
        if (ConfigParameters.TryFind(name, out ConfigParameter? parameter))
            return LoadParameter(parameter, arguments);
        if (name.Equals("include", StringComparison.OrdinalIgnoreCase) && arguments.Count == 1)
            return Include(ConfigText.ToUnicode(arguments[0]));
        return "Bad directive or wrong number of arguments";
    }

    private string? LoadParameter(ConfigParameter parameter, List<string> arguments)
    {
        if (!parameter.Has(ConfigFlags.MultiArgument))
        {
            if (arguments.Count != 1)
                return "wrong number of arguments";
        }
        else if (arguments.Count == 1 && arguments[0].Length > 0)
        {
            // "a b c" in quotes is as good as a b c.
            arguments = ConfigText.Split(arguments[0]) ?? [];
        }

        return parameter.TrySet(config, arguments, out string? error) ? null : error;
    }

    private string? Include(string path)
    {
        if (++_depth > MaxIncludeDepth)
            return "Too many levels of include";

        if (ConfigText.IsPattern(path))
        {
            // Files that match a pattern are one text, as in Redis, and there may be none.
            LoadText(string.Concat(FilePattern.Expand(path, config.Directory).Select(ReadFile)));
        }
        else
        {
            LoadText(ReadFile(path));
        }

        _depth--;
        return null;
    }

    private string ReadFile(string path)
    {
        try
        {
            return ConfigText.FromBytes(File.ReadAllBytes(config.ResolvePath(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigFileException($"Fatal error, can't open config file '{path}': {Describe(e, config.ResolvePath(path))}");
        }
    }

    private static string Describe(Exception e, string path) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "No such file or directory",
        UnauthorizedAccessException when Directory.Exists(path) => "Is a directory",
        UnauthorizedAccessException => "Permission denied",
        _ => e.Message,
    };
}
