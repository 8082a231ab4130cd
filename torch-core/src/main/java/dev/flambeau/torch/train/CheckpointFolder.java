package dev.flambeau.torch.train;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.serialize.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checkpoints by number of steps; the newest are kept. */
final class CheckpointFolder {
  private static final Pattern NAME = Pattern.compile("step-(\\d{1,18})\\.safetensors");
  private static final Pattern PARTIAL =
      Pattern.compile("\\.(step-\\d{1,18}|best)\\.safetensors\\.[0-9a-f-]{36}\\.partial");

  private final TrainerOptions.CheckpointOptions options;

  CheckpointFolder(TrainerOptions.CheckpointOptions options) throws IOException {
    this.options = options;
    Files.createDirectories(options.folder);
    // Left by a process that was killed while it wrote.
    for (Path file : matching(PARTIAL)) {
      Files.deleteIfExists(file);
    }
  }

  boolean dueAfterStep(long step) {
    return options.everySteps > 0 && step % options.everySteps == 0;
  }

  boolean dueAfterEpoch(int epochsDone) {
    return epochsDone % options.everyEpochs == 0;
  }

  Path best() {
    return options.folder.resolve(Trainer.BEST);
  }

  /** What to go on from. */
  Optional<Map<String, Object>> resumed() throws IOException {
    List<Path> all = matching(NAME);
    if (all.isEmpty()) {
      return Optional.empty();
    }
    if (!options.resume) {
      throw TorchException.argument(
          "Trainer",
          "checkpoints",
          "the folder " + options.folder + " with " + all.getLast().getFileName(),
          "a folder without checkpoints, or resume(true)");
    }
    return Optional.of(Checkpoint.load(all.getLast()));
  }

  void save(long step, Map<String, Object> tree) throws IOException {
    Checkpoint.save(tree, options.folder.resolve("step-%09d.safetensors".formatted(step)));
    List<Path> all = matching(NAME);
    for (Path old : all.subList(0, Math.max(0, all.size() - options.keep))) {
      Files.deleteIfExists(old);
    }
  }

  /** The files so named, by number of steps. */
  private List<Path> matching(Pattern pattern) throws IOException {
    try (Stream<Path> files = Files.list(options.folder)) {
      return files
          .filter(f -> pattern.matcher(f.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(CheckpointFolder::steps))
          .toList();
    }
  }

  private static long steps(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : -1;
  }
}
