namespace Cdc.Hosting;

/// <summary>Where messages go that cannot be applied.</summary>
public enum CdcDeadLetterPlace
{
    /// <summary>A Kafka topic, <c>GROUP.dead-letters</c> by default. The default of a pipeline that reads from Kafka.</summary>
    Kafka,

    /// <summary>A file that is a capture, one letter a line.</summary>
    File,

    /// <summary>Nowhere: such a message stops its table. The default of a pipeline that does not read from Kafka and names no file.</summary>
    None,
}

/// <summary>Where a pipeline's dead letters go (section <c>DeadLetters</c>, beside the settings of the topic).</summary>
public sealed class CdcDeadLetterOptions
{
    /// <summary>The place; null for the file where one is named, else for the source's default.</summary>
    public CdcDeadLetterPlace? To { get; set; }

    /// <summary>The file's path, for <see cref="CdcDeadLetterPlace.File"/>. It holds rows: keep it as safe as the data. Letters are appended.</summary>
    public string? File { get; set; }

    internal IEnumerable<string> Problems()
    {
        if (To is { } place && !Enum.IsDefined(place)) yield return $"{nameof(To)} is not one of Kafka, File, None";
        if ((To == CdcDeadLetterPlace.File || File is not null) && string.IsNullOrWhiteSpace(File)) yield return $"{nameof(File)} is empty; name the file";
        if (To is not (null or CdcDeadLetterPlace.File) && File is not null) yield return $"{nameof(File)} is set and {nameof(To)} is not File";
        if (To is null or CdcDeadLetterPlace.File && !string.IsNullOrWhiteSpace(File) && Path.GetDirectoryName(Path.GetFullPath(File)) is { } folder && !Directory.Exists(folder)) yield return $"the folder of {nameof(File)} does not exist";
    }
}
