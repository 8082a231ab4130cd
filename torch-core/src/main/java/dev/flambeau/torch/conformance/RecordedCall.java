package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A sample of an operator that PyTorch accepts and we offer, as a function of its tensors. */
public final class RecordedCall {
  private final Case sample;
  private final Entry entry;
  private final Map<String, Tensor> tensors;

  private RecordedCall(Case sample, Entry entry) {
    this.sample = sample;
    this.entry = entry;
    // Reading the arguments meets the tensors.
    sample.arguments();
    this.tensors = sample.values().tensors();
  }

  /**
   * The calls of a file of samples.
   *
   * @throws dev.flambeau.torch.TorchException if it is not a sound file of samples
   */
  public static List<RecordedCall> of(Path path) throws IOException {
    CaseFile file = CaseFile.read(path);
    List<RecordedCall> all = new ArrayList<>();
    Optional<Entry> entry = file.entry().filter(Entry::offered);
    for (Case c : entry.isPresent() ? file.cases(Tensor::copy) : List.<Case>of()) {
      boolean left = entry.get().reasonAgainst(file.variant(), c.id()).isPresent();
      if (!left && c.error().isEmpty()) {
        all.add(new RecordedCall(c, entry.get()));
      }
    }
    return all;
  }

  /** The sample's name in its file. */
  public String id() {
    return sample.id();
  }

  /** The operator. */
  public Entry entry() {
    return entry;
  }

  /** The recorded tensors in the order in which the call meets them. */
  public List<Tensor> inputs() {
    return tensors.values().stream().map(Tensor::detach).toList();
  }

  /** The call's outputs for tensors in the places of the recorded ones. */
  public List<Tensor> apply(List<Tensor> inputs) {
    return entry.binding().call(arguments(inputs));
  }

  private Arguments arguments(List<Tensor> inputs) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (String name : tensors.keySet()) {
      given.put(name, inputs.get(given.size()));
    }
    return sample.with(given).arguments();
  }

  /**
   * How the outputs of two executions of the call on the recorded tensors differ, in what is
   * determined and by more than twice PyTorch's tolerance or the operator's wider one: either may
   * be so far from the exact result.
   */
  public Optional<String> difference(List<Tensor> got, List<Tensor> wanted) {
    if (got.size() != wanted.size()) {
      return Optional.of(got.size() + " outputs, expected " + wanted.size());
    }
    // A comparison reads arguments that the binding has taken before.
    Arguments arguments = arguments(inputs());
    entry.binding().call(arguments);
    List<Tensor> ours = entry.comparison().determined(arguments, got);
    List<Tensor> theirs = entry.comparison().determined(arguments, wanted);
    for (int k = 0; k < theirs.size(); k++) {
      Optional<String> gap = Closeness.difference(ours.get(k), theirs.get(k), entry.tolerance(), 2);
      if (gap.isPresent()) {
        return gap;
      }
    }
    return Optional.empty();
  }
}
