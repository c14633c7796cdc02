namespace OrleansKv.Engine.Configuration;

/// <summary>The configuration cannot be used: the line, if it is a line's fault, and the reason.</summary>
public sealed class ConfigFileException : Exception
{
    public ConfigFileException(string reason)
        : base(reason)
    {
    }

    public ConfigFileException(int lineNumber, string line, string reason)
        : base(reason)
    {
        LineNumber = lineNumber;
        Line = line;
    }

    /// <summary>Counted from 1; 0 if no line is at fault.</summary>
    public int LineNumber { get; }

    /// <summary>The line without blanks around it, as configuration text.</summary>
    public string Line { get; } = "";
}
