package dev.flambeau.torch.data;

import dev.flambeau.torch.DType;
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

  /**
   * The batch has the samples' type: tensor, {@link Example}, list or map of these. Numbers and
   * truth values in lists and maps become tensors (F64, F32, I64, BOOL), texts lists.
   */
  @SuppressWarnings("unchecked") // samples of these types have batches of the same
  static <S> S stack(List<S> samples) {
    return switch (samples.getFirst()) {
      case Tensor _ -> (S) collated(samples);
      case Example _ -> (S) collated(samples);
      case List<?> _ -> (S) collated(samples);
      case Map<?, ?> _ -> (S) collated(samples);
      default -> throw refused(samples.getFirst());
    };
  }

  private static TorchException refused(Object sample) {
    return TorchException.argument(
        "DataLoader",
        "samples",
        sample.getClass().getName(),
        "Tensor, Example, or List or Map of these, numbers and texts; pass a function that makes"
            + " the batch");
  }

  @SuppressWarnings("unchecked") // samples are of one type, the first one's
  private static Object collated(List<?> samples) {
    Object first = samples.getFirst();
    try {
      return switch (first) {
        case Tensor _ -> Torch.stack((List<Tensor>) samples, 0);
        case Example _ -> {
          List<Example> examples = (List<Example>) samples;
          yield new Example(
              (Tensor) part(examples, Example::input), (Tensor) part(examples, Example::target));
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
          map.keySet().forEach(k -> columns.put(k, part((List<Map<?, ?>>) samples, s -> s.get(k))));
          yield columns;
        }
        case Double _ -> Torch.tensor(numbers(samples));
        case Float _ -> Torch.tensor(numbers(samples)).to(DType.F32);
        case Long _ -> Torch.tensor(integers(samples));
        case Integer _ -> Torch.tensor(integers(samples));
        case Boolean _ ->
            Torch.tensor(samples.stream().mapToLong(b -> (Boolean) b ? 1 : 0).toArray())
                .to(DType.BOOL);
        case String _ -> List.copyOf(samples);
        default -> throw refused(first);
      };
    } catch (ClassCastException _) {
      throw TorchException.argument(
          "DataLoader", "samples", "of different types", "all of one type");
    }
  }

  private static double[] numbers(List<?> samples) {
    return samples.stream().mapToDouble(n -> ((Number) n).doubleValue()).toArray();
  }

  private static long[] integers(List<?> samples) {
    return samples.stream().mapToLong(n -> ((Number) n).longValue()).toArray();
  }

  /** One part of all samples: of numbers a tensor, of texts a list. */
  private static <S> Object part(List<S> samples, Function<S, ?> part) {
    List<Object> parts = new ArrayList<>();
    for (S sample : samples) {
      Object value = part.apply(sample);
      if (value == null) {
        throw TorchException.argument(
            "DataLoader", "samples", "with different parts", "all with the same parts");
      }
      parts.add(value);
    }
    return collated(parts);
  }
}
