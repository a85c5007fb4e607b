namespace Cdc.Cli;

/// <summary>What the tool's exit codes say.</summary>
internal static class ExitCode
{
    /// <summary>Everything was applied or skipped by rule.</summary>
    public const int Success = 0;

    /// <summary>It ran to the end, and some messages are among the dead letters or some tables are stopped.</summary>
    public const int Incomplete = 1;

    /// <summary>The options are wrong.</summary>
    public const int Usage = 2;

    /// <summary>It could not go on.</summary>
    public const int Failed = 3;

    /// <summary>It was interrupted.</summary>
    public const int Interrupted = 130;
}
