package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.catalog.Arguments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs PyTorch's recorded modules, optimizers, schedulers, initializers, random streams and
 * trainings. A case is not supported only if its registry lists it so; a listed case that would
 * pass fails.
 */
public final class NetworkRunner {
  private static final Map<String, Section> SECTIONS =
      Map.of(
          "modules", new ModuleSection(),
          "optim", new OptimizerSection(),
          "lr_scheduler", new SchedulerSection(),
          "init", new InitSection(),
          "rng", new RandomSection(),
          "training", new TrainingSection());

  private NetworkRunner() {}

  /** The files of cases in the folders of a folder, by name; in itself, if it has no folders. */
  public static List<Path> files(Path folder) throws IOException {
    List<Path> folders;
    try (Stream<Path> all = Files.list(folder)) {
      folders = all.filter(Files::isDirectory).sorted().toList();
    }
    List<Path> files = new ArrayList<>(ConformanceRunner.files(folder));
    for (Path below : folders) {
      files.addAll(ConformanceRunner.files(below));
    }
    return files;
  }

  /**
   * Runs all cases of a file.
   *
   * @throws TorchException if it is not a sound file of cases
   */
  public static FileResult run(Path path) throws IOException {
    CaseFile file = CaseFile.read(path);
    Section section = SECTIONS.get(file.text("kind"));
    if (section == null) {
      throw file.wrong("kind is " + file.text("kind") + "; allowed: " + SECTIONS.keySet());
    }
    List<CaseResult> results = new ArrayList<>();
    for (Case c : file.cases(Tensor::copy)) {
      results.add(run(section, file, c).inLightOf(section.reasonAgainst(file, c)));
    }
    String name = path.getFileName().toString().replace(".safetensors", "");
    return new FileResult(name, section.subject(file), List.copyOf(results));
  }

  private static CaseResult run(Section section, CaseFile file, Case c) {
    try {
      List<String> differences = section.run(file, c);
      return differences.isEmpty()
          ? CaseResult.passed(c.id(), false)
          : CaseResult.failed(c.id(), String.join("; ", differences));
    } catch (Arguments.NotSupported | Arguments.WrongType | CaseFile.UnknownType e) {
      return CaseResult.notSupported(c.id(), e.getMessage());
    } catch (TorchException e) {
      return CaseResult.failed(c.id(), e.getMessage());
    } catch (RuntimeException e) {
      return CaseResult.failed(c.id(), "no clear refusal: " + e);
    }
  }
}
