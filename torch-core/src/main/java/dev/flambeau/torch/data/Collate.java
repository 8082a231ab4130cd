package dev.flambeau.torch.data;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Makes one batch of several samples by stacking their tensors along a new axis 0. */
final class Collate {
  private Collate() {}

  /** The batch has the samples' type: tensor, {@link Example}, list or map of these. */
  @SuppressWarnings("unchecked") // each branch returns the type of its samples
  static <S> S stack(List<S> samples) {
    S first = samples.get(0);
    return (S)
        switch (first) {
          case Tensor _ -> Torch.stack((List<Tensor>) samples, 0);
          case Example _ -> {
            List<Example> examples = (List<Example>) samples;
            yield new Example(part(examples, Example::input), part(examples, Example::target));
          }
          case List<?> list -> {
            List<Object> columns = new ArrayList<>();
            for (int i = 0; i < list.size(); i++) {
              int column = i;
              columns.add(part((List<List<?>>) samples, s -> s.get(column)));
            }
            yield columns;
          }
          case Map<?, ?> map -> {
            Map<Object, Object> columns = new LinkedHashMap<>();
            map.keySet()
                .forEach(k -> columns.put(k, part((List<Map<?, ?>>) samples, s -> s.get(k))));
            yield columns;
          }
          default ->
              throw TorchException.argument(
                  "DataLoader",
                  "samples",
                  first.getClass().getName(),
                  "Tensor, Example, List or Map of these; pass a function that makes the batch");
        };
  }

  private static <S, P> P part(List<S> samples, Function<S, P> part) {
    List<P> parts = new ArrayList<>();
    for (S sample : samples) {
      P value = part.apply(sample);
      if (value == null) {
        throw TorchException.argument(
            "DataLoader", "samples", "with different parts", "all with the same parts");
      }
      parts.add(value);
    }
    return stack(parts);
  }
}
