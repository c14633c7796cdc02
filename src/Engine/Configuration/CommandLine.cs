using System.Text;

namespace OrleansKv.Engine.Configuration;

/// <summary>What the command line asks for.</summary>
public enum CommandLineAction
{
    Run,
    ShowVersion,
    ShowHelp,
}

/// <summary>
/// The command line, read as Redis 7 reads it: <c>[/path/redis.conf] [--name value …] [-]</c>. Options become configuration text that is
/// read after the file and standard input, a line for each name that starts with two dashes and the values that follow it. What comes
/// directly after a name is always a value, even if it starts with dashes.
/// </summary>
public sealed class CommandLine
{
    private readonly StringBuilder _options = new();

    private CommandLine()
    {
    }

    public CommandLineAction Action { get; private init; }

    /// <summary>The configuration file as given, or null.</summary>
    public string? ConfigFile { get; private set; }

    public bool ReadsStandardInput { get; private set; }

    /// <summary>The options as configuration text.</summary>
    public string Options => _options.ToString();

    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0 && arguments[0] is "-v" or "--version")
            return new CommandLine { Action = CommandLineAction.ShowVersion };
        if (arguments.Count > 0 && arguments[0] is "-h" or "--help")
            return new CommandLine { Action = CommandLineAction.ShowHelp };

        var commandLine = new CommandLine();
        int first = 0;
        if (arguments.Count > 0 && !arguments[0].StartsWith('-'))
        {
            commandLine.ConfigFile = arguments[0];
            first = 1;
        }

        commandLine.ReadOptions(arguments, first);
        return commandLine;
    }

    private void ReadOptions(IReadOnlyList<string> arguments, int first)
    {
        bool nameHasValue = true;
        for (int i = first; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            bool isLast = i == arguments.Count - 1;
            if (argument == "-" && (i == 0 || isLast))
            {
                ReadsStandardInput = true;
            }
            else if (nameHasValue && argument.StartsWith("--", StringComparison.Ordinal))
            {
                string? next = isLast ? null : arguments[i + 1];
                nameHasValue = ReadName(argument, next);
            }
            else
            {
                _options.Append(ConfigText.Quote(ConfigText.FromUnicode(argument))).Append(' ');
                nameHasValue = true;
            }
        }
    }

    /// <summary>Starts a line. Gives whether it is complete: "--name value" in one argument, or an empty --save.</summary>
    private bool ReadName(string argument, string? next)
    {
        if (_options.Length > 0)
            _options.Append('\n');
        _options.Append(ConfigText.FromUnicode(argument[2..])).Append(' ');
        if (ConfigText.Split(argument) is not { Count: 1 })
            return true;

        // A list of snapshot rules that a script computes may come out empty.
        bool isEmptySave = argument.Equals("--save", StringComparison.OrdinalIgnoreCase)
            && (next is null || next.StartsWith("--", StringComparison.Ordinal));
        if (isEmptySave)
            _options.Append("\"\"");
        return isEmptySave;
    }
}
