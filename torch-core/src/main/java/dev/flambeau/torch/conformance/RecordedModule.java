package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.catalog.ModuleCatalog;
import dev.flambeau.torch.catalog.ModuleEntry;
import dev.flambeau.torch.nn.Module;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A sample of a module's call that we offer, in F32 and inference, as a function of its tensors.
 */
public final class RecordedModule {
  private final Case sample;
  private final ModuleEntry.Instance<?> instance;
  private final Map<String, Tensor> tensors;

  private RecordedModule(Case sample, ModuleEntry<?> entry) {
    this.sample = sample;
    this.instance = entry.make(sample.values().arguments(List.of(), sample.get("init", Map.class)));
    Module module = instance.module();
    // Reading the arguments meets the tensors.
    ModuleSection.call(sample);
    this.tensors = sample.values().tensors();
    if (sample.field("becomes") instanceof String) {
      module.to(tensors.values().iterator().next().dtype());
      Torch.noGrad(() -> instance.call("forward", ModuleSection.call(sample)));
    }
    module.to(DType.F32);
    module.loadStateDict(single(sample.tensors("state")));
    module.eval();
  }

  private static Map<String, Tensor> single(Map<String, Tensor> tensors) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    tensors.forEach((name, t) -> all.put(name, single(t)));
    return all;
  }

  private static Tensor single(Tensor t) {
    return t.dtype() == DType.F64 ? t.to(DType.F32) : t;
  }

  /**
   * The calls of a file of samples; none if it is about something else than modules.
   *
   * @throws dev.flambeau.torch.TorchException if it is not a sound file of samples
   */
  public static List<RecordedModule> of(Path path) throws IOException {
    CaseFile file = CaseFile.read(path);
    List<RecordedModule> all = new ArrayList<>();
    if (!file.text("kind").equals("modules")) {
      return all;
    }
    Optional<ModuleEntry<?>> entry =
        ModuleCatalog.find(file.text("class")).map(e -> (ModuleEntry<?>) e);
    for (Case c : entry.isPresent() ? file.cases(Tensor::copy) : List.<Case>of()) {
      boolean left = entry.get().reasonAgainst(c.id()).isPresent();
      if (!left && c.get("forward", Boolean.class)) {
        all.add(new RecordedModule(c, entry.get()));
      }
    }
    return all;
  }

  /** The sample's name in its file. */
  public String id() {
    return sample.id();
  }

  /** The module. */
  public Module module() {
    return instance.module();
  }

  /** The recorded tensors in the order in which the call meets them. */
  public List<Tensor> inputs() {
    return tensors.values().stream().map(t -> single(t.detach())).toList();
  }

  /** The call's outputs for tensors in the places of the recorded ones. */
  public List<Tensor> apply(List<Tensor> inputs) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (String name : tensors.keySet()) {
      given.put(name, inputs.get(given.size()));
    }
    String method = sample.field("method") instanceof String m ? m : "forward";
    return instance.call(method, ModuleSection.call(sample.with(given)));
  }

  /** How outputs differ, by more than {@code tolerance (1 + |expected|)}. */
  public static Optional<String> difference(
      List<Tensor> got, List<Tensor> wanted, double tolerance) {
    for (int k = 0; k < wanted.size(); k++) {
      Optional<String> gap = Closeness.difference(got.get(k), wanted.get(k), tolerance);
      if (gap.isPresent()) {
        return gap;
      }
    }
    return Optional.empty();
  }
}
