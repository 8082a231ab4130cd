package dev.flambeau.zoo;

import dev.flambeau.torch.TorchException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code flambeau}. Exit codes: 0 done, 2 a mistake of the user, 1 one of ours. */
@Command(
    name = "flambeau",
    description = "Deep learning on the JVM.",
    version = "flambeau 0.1.0",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ClassifyCommand.class,
      SimilarCommand.class,
      ZooCommand.class,
      ConformanceCommand.class,
      OnnxCommand.class
    })
public final class Main implements Callable<Integer> {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show where an error came from.")
  private boolean verbose;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private Main() {}

  public static void main(String[] args) {
    quiet("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    // It warns of a missing CUDA driver, which nobody asked it for.
    quiet("org.slf4j.simpleLogger.log.ai.djl", "error");
    System.exit(run(args));
  }

  private static void quiet(String logger, String level) {
    if (System.getProperty(logger) == null) {
      System.setProperty(logger, level);
    }
  }

  /** Runs a command line and returns the exit code. */
  static int run(String... args) {
    return commandLine().execute(args);
  }

  /** The parser of command lines, with our way of telling errors. */
  static CommandLine commandLine() {
    Main main = new Main();
    return new CommandLine(main)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((error, _) -> usage(error))
        .setExecutionExceptionHandler((error, command, _) -> main.report(error, command));
  }

  private static int usage(CommandLine.ParameterException error) {
    CommandLine command = error.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    PrintWriter err = command.getErr();
    err.println("flambeau: " + error.getMessage() + " (see `" + name + " --help`)");
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  private int report(Exception error, CommandLine command) {
    PrintWriter err = command.getErr();
    boolean known = error instanceof UserError || error instanceof TorchException;
    err.println("flambeau: " + (known ? error.getMessage() : "unexpected " + error));
    if (verbose) {
      error.printStackTrace(err);
    } else if (!known) {
      err.println("Run again with --verbose to see where it comes from.");
    }
    err.flush();
    return known ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
  }
}
