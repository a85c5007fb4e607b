namespace FullPipeline;

/// <summary>The sample cannot go on. The message is one line for the person who started it.</summary>
internal sealed class SampleException(string message, Exception? cause = null) : Exception(message, cause);
