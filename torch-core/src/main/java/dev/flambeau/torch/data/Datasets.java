package dev.flambeau.torch.data;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Datasets made of others. */
public final class Datasets {
  private Datasets() {}

  private record Part<S>(Dataset<S> whole, long[] indices) implements Dataset<S> {
    @Override
    public long size() {
      return indices.length;
    }

    @Override
    public S get(long index) throws Exception {
      return whole.get(indices[Math.toIntExact(index)]);
    }
  }

  private record Chain<S>(List<Dataset<S>> parts, long[] ends) implements Dataset<S> {
    @Override
    public long size() {
      return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    @Override
    public S get(long index) throws Exception {
      int part = Arrays.binarySearch(ends, index + 1);
      part = part < 0 ? -part - 1 : part;
      // Empty parts end where the one before them does.
      while (part > 0 && ends[part - 1] > index) {
        part--;
      }
      return parts.get(part).get(index - (part == 0 ? 0 : ends[part - 1]));
    }
  }

  private record Mapped<S, R>(Dataset<S> samples, Function<S, R> function) implements Dataset<R> {
    @Override
    public long size() {
      return samples.size();
    }

    @Override
    public R get(long index) throws Exception {
      return function.apply(samples.get(index));
    }
  }

  /**
   * Some samples. PyTorch: {@code Subset}.
   *
   * @throws TorchException if an index is not one of the dataset
   */
  public static <S> Dataset<S> subset(Dataset<S> dataset, long... indices) {
    for (long index : indices) {
      if (index < 0 || index >= dataset.size()) {
        throw TorchException.argument("subset", "indices", index, "0 to " + (dataset.size() - 1));
      }
    }
    return new Part<>(dataset, indices.clone());
  }

  /** One dataset after another. PyTorch: {@code ConcatDataset}. */
  public static <S> Dataset<S> concat(List<? extends Dataset<S>> parts) {
    long[] ends = new long[parts.size()];
    long end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += parts.get(i).size();
      ends[i] = end;
    }
    return new Chain<>(List.copyOf(parts), ends);
  }

  /** Each sample through a function, when it is read. */
  public static <S, R> Dataset<R> map(Dataset<S> dataset, Function<S, R> function) {
    return new Mapped<>(dataset, function);
  }

  /** {@link #randomSplit(Dataset, double[], Generator)} by the default generator. */
  public static <S> List<Dataset<S>> randomSplit(Dataset<S> dataset, double... lengths) {
    return randomSplit(dataset, lengths, Generator.getDefault());
  }

  /**
   * Parts without common samples. PyTorch: {@code random_split}.
   *
   * @param lengths of the parts, which sum up to the dataset's size, or fractions that sum up to 1;
   *     what these leave over goes to the first parts, one each
   * @throws TorchException if they sum up to neither
   */
  public static <S> List<Dataset<S>> randomSplit(
      Dataset<S> dataset, double[] lengths, Generator generator) {
    long size = dataset.size();
    double sum = Arrays.stream(lengths).sum();
    boolean fractions = Math.abs(sum - 1) < 1e-9 && size != 1;
    boolean whole = Arrays.stream(lengths).allMatch(l -> l >= 0 && (fractions || l == (long) l));
    if (!whole || !fractions && sum != size) {
      throw TorchException.argument(
          "random_split",
          "lengths",
          Arrays.toString(lengths),
          "numbers that sum up to 1 or to the dataset's size, " + size);
    }
    long[] counts =
        Arrays.stream(lengths).mapToLong(l -> fractions ? (long) (l * size) : (long) l).toArray();
    long left = size - Arrays.stream(counts).sum();
    for (int i = 0; i < left; i++) {
      counts[i % counts.length]++;
    }
    long[] order = Torch.randperm(size, generator).toLongArray();
    List<Dataset<S>> parts = new ArrayList<>();
    int from = 0;
    for (long count : counts) {
      parts.add(new Part<>(dataset, Arrays.copyOfRange(order, from, from + (int) count)));
      from += (int) count;
    }
    return parts;
  }
}
