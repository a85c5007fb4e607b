using System.Globalization;

namespace FullPipeline;

/// <summary>What the command line may say.</summary>
internal sealed class SampleOptions
{
    public const string Usage = """
        dotnet run --project samples/FullPipeline [-- COMMAND] [OPTIONS]

        Without a command everything runs in one process. A compose stack runs the parts apart:
          setup          roles, publication, connector, tables and views; then ends
          generator      changes the sales database
          serve          the pipeline and the page
          schemas        makes the connector send its messages with their schemas; then ends
          remove         takes slot, publication, schema and connector of this data folder from servers of yours; then ends

          --port N       the page's port on 127.0.0.1; 0 is any free one (default 5080)
          --data FOLDER  where the databases keep their files between runs (default: the folder data of the sample)
          --fresh        empties that folder first
          --rate N       changes a second that the generator makes (default 50)
          --seed N       whom and what it makes up (default 5080)
          --recorded     applies a recorded capture instead: no PostgreSQL, no broker
          --help         shows this
        """;

    public int Port { get; private set; } = 5080;

    public string DataFolder { get; private set; } = DefaultDataFolder();

    public bool Fresh { get; private set; }

    public double Rate { get; private set; } = 50;

    public int Seed { get; private set; } = 5080;

    /// <summary>Which part of the sample this process is.</summary>
    public SampleCommand Command { get; private set; }

    public bool Recorded { get; private set; }

    public bool Help { get; private set; }

    /// <exception cref="SampleException">An argument is unknown or wrong.</exception>
    public static SampleOptions Parse(string[] args)
    {
        var options = new SampleOptions();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--port" when int.TryParse(args.ElementAtOrDefault(++i), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue:
                    options.Port = port;
                    break;
                case "--data" when args.ElementAtOrDefault(++i) is { Length: > 0 } folder:
                    options.DataFolder = Path.GetFullPath(folder);
                    break;
                case "--rate" when double.TryParse(args.ElementAtOrDefault(++i), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate <= 100_000:
                    options.Rate = rate;
                    break;
                case "--seed" when int.TryParse(args.ElementAtOrDefault(++i), NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    options.Seed = seed;
                    break;
                case "setup" or "generator" or "serve" or "schemas" or "remove" when i == 0:
                    options.Command = Enum.Parse<SampleCommand>(args[0], ignoreCase: true);
                    break;
                case "--recorded":
                    options.Recorded = true;
                    break;
                case "--fresh":
                    options.Fresh = true;
                    break;
                case "--help" or "-h":
                    options.Help = true;
                    break;
                case "--port" or "--data" or "--rate" or "--seed":
                    var needed = args[i - 1] switch { "--port" => "a number from 0 to 65535", "--data" => "a folder", "--rate" => "a number up to 100000", _ => "a whole number" };
                    throw new SampleException($"{args[i - 1]} needs {needed}.");
                default:
                    throw new SampleException($"Unknown argument {args[i]}. --help shows what there is.");
            }
        }

        return options;
    }

    /// <summary>Beside the project when it runs from the repository, else in the working directory.</summary>
    private static string DefaultDataFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FullPipeline.csproj"))) return Path.Combine(folder.FullName, "data");
        }

        return Path.GetFullPath(Path.Combine(".data", "full-pipeline"));
    }
}

/// <summary>A part of the sample.</summary>
internal enum SampleCommand
{
    /// <summary>All of it.</summary>
    Everything,

    Setup,
    Generator,
    Serve,
    Schemas,
    Remove,
}
