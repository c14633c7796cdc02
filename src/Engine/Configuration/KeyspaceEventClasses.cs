using System.Text;

namespace OrleansKv.Engine.Configuration;

/// <summary>The classes of keyspace events that <c>notify-keyspace-events</c> switches on, one letter each.</summary>
[Flags]
public enum KeyspaceEventClasses
{
    None = 0,

    /// <summary>K: publish in __keyspace@db__ channels.</summary>
    Keyspace = 1 << 0,

    /// <summary>E: publish in __keyevent@db__ channels.</summary>
    KeyEvent = 1 << 1,

    /// <summary>g: commands of no type, such as DEL and EXPIRE.</summary>
    Generic = 1 << 2,

    /// <summary>$.</summary>
    String = 1 << 3,

    /// <summary>l.</summary>
    List = 1 << 4,

    /// <summary>s.</summary>
    Set = 1 << 5,

    /// <summary>h.</summary>
    Hash = 1 << 6,

    /// <summary>z.</summary>
    SortedSet = 1 << 7,

    /// <summary>x: a key expired.</summary>
    Expired = 1 << 8,

    /// <summary>e: a key was evicted.</summary>
    Evicted = 1 << 9,

    /// <summary>t.</summary>
    Stream = 1 << 10,

    /// <summary>m: a key was read and not there. Not part of A.</summary>
    KeyMiss = 1 << 11,

    /// <summary>d: module types.</summary>
    Module = 1 << 13,

    /// <summary>n: a key was created. Not part of A.</summary>
    New = 1 << 14,

    /// <summary>A.</summary>
    All = Generic | String | List | Set | Hash | SortedSet | Expired | Evicted | Stream | Module,
}

/// <summary>Letters to classes and back, in the order in which Redis prints them.</summary>
public static class KeyspaceEventLetters
{
    private static readonly (char Letter, KeyspaceEventClasses Class)[] ClassLetters =
    [
        ('g', KeyspaceEventClasses.Generic), ('$', KeyspaceEventClasses.String), ('l', KeyspaceEventClasses.List),
        ('s', KeyspaceEventClasses.Set), ('h', KeyspaceEventClasses.Hash), ('z', KeyspaceEventClasses.SortedSet),
        ('x', KeyspaceEventClasses.Expired), ('e', KeyspaceEventClasses.Evicted), ('t', KeyspaceEventClasses.Stream),
        ('d', KeyspaceEventClasses.Module),
    ];

    private static readonly (char Letter, KeyspaceEventClasses Class)[] OtherLetters =
    [
        ('n', KeyspaceEventClasses.New), ('K', KeyspaceEventClasses.Keyspace), ('E', KeyspaceEventClasses.KeyEvent),
        ('m', KeyspaceEventClasses.KeyMiss),
    ];

    /// <summary>Parses the letters; false if one of them means nothing.</summary>
    public static bool TryParse(string letters, out KeyspaceEventClasses classes)
    {
        classes = KeyspaceEventClasses.None;
        foreach (char letter in letters)
        {
            KeyspaceEventClasses found = letter == 'A' ? KeyspaceEventClasses.All : Find(ClassLetters, letter) | Find(OtherLetters, letter);
            if (found == KeyspaceEventClasses.None)
                return false;
            classes |= found;
        }

        return true;
    }

    /// <summary>
    /// The letters of the classes, A for all of them. As in Redis 7, n is left out beside A.
    /// </summary>
    public static string Format(KeyspaceEventClasses classes)
    {
        var letters = new StringBuilder();
        bool all = (classes & KeyspaceEventClasses.All) == KeyspaceEventClasses.All;
        if (all)
            letters.Append('A');
        else
            Append(letters, ClassLetters, classes);
        Append(letters, OtherLetters, all ? classes & ~KeyspaceEventClasses.New : classes);
        return letters.ToString();
    }

    private static KeyspaceEventClasses Find((char Letter, KeyspaceEventClasses Class)[] letters, char letter)
    {
        foreach ((char candidate, KeyspaceEventClasses eventClass) in letters)
        {
            if (candidate == letter)
                return eventClass;
        }

        return KeyspaceEventClasses.None;
    }

    private static void Append(StringBuilder text, (char Letter, KeyspaceEventClasses Class)[] letters, KeyspaceEventClasses classes)
    {
        foreach ((char letter, KeyspaceEventClasses eventClass) in letters)
        {
            if ((classes & eventClass) != 0)
                text.Append(letter);
        }
    }
}
