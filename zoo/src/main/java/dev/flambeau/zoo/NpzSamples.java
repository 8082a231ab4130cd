package dev.flambeau.zoo;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxInfo;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.serialize.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Examples of a model's inputs: the .npz files of a folder, one each, or one .npz file whose arrays
 * have an axis of examples in front, beside the inputs' own axes or as the first of them.
 */
final class NpzSamples implements Iterable<Map<String, Tensor>> {
  private final List<Path> files;
  private final List<OnnxInfo.Value> inputs;
  private final boolean several;

  private NpzSamples(List<Path> files, List<OnnxInfo.Value> inputs, boolean several) {
    this.files = files;
    this.inputs = inputs;
    this.several = several;
  }

  /**
   * @throws UserError if there are no such files
   */
  static NpzSamples of(Path path, Path model) {
    List<OnnxInfo.Value> inputs = Onnx.info(model, Optional.empty()).inputs();
    if (Files.isRegularFile(path)) {
      return new NpzSamples(List.of(path), inputs, true);
    }
    if (!Files.isDirectory(path)) {
      throw new UserError(path + ": no such file or folder; --data takes .npz files");
    }
    try (Stream<Path> all = Files.list(path)) {
      List<Path> files = all.filter(f -> f.toString().endsWith(".npz")).sorted().toList();
      if (files.isEmpty()) {
        throw new UserError(path + ": no .npz files in it");
      }
      return new NpzSamples(files, inputs, false);
    } catch (IOException e) {
      throw new UserError("cannot list " + path + ": " + Fetcher.reason(e), e);
    }
  }

  @Override
  public Iterator<Map<String, Tensor>> iterator() {
    return several ? split(files.getFirst()).iterator() : files.stream().map(this::read).iterator();
  }

  private Map<String, Tensor> read(Path file) {
    Map<String, Tensor> arrays;
    try {
      arrays = Npy.loadAll(file);
    } catch (IOException e) {
      throw new UserError("cannot read " + file + ": " + Fetcher.reason(e), e);
    }
    Set<String> missing = new TreeSet<>();
    inputs.forEach(i -> missing.add(i.name()));
    missing.removeAll(arrays.keySet());
    if (!missing.isEmpty()) {
      throw new UserError(
          file + ": has " + new TreeSet<>(arrays.keySet()) + ", but no array for " + missing);
    }
    return arrays;
  }

  private List<Map<String, Tensor>> split(Path file) {
    Map<String, Tensor> arrays = read(file);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (OnnxInfo.Value input : inputs) {
      Tensor array = arrays.get(input.name());
      int rank = input.sizes().size();
      boolean beside = array.dim() == rank + 1;
      if (!beside && array.dim() != rank || array.dim() == 0) {
        throw new UserError(
            "%s: array '%s' is %s; allowed: examples of %d axes, one after another"
                .formatted(file, input.name(), array.shape(), rank));
      }
      if (samples.isEmpty()) {
        for (long i = 0; i < array.size(0); i++) {
          samples.add(new HashMap<>());
        }
      }
      if (array.size(0) != samples.size()) {
        throw new UserError(
            "%s: array '%s' has %d examples, others %d"
                .formatted(file, input.name(), array.size(0), samples.size()));
      }
      for (int i = 0; i < samples.size(); i++) {
        samples.get(i).put(input.name(), beside ? array.select(0, i) : array.narrow(0, i, 1));
      }
    }
    return samples;
  }
}
