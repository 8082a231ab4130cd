package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The sizes a file declares for an input or output: numbers, names of open sizes, or {@code ?}. The
 * number of axes and equal sizes for one name are held to; other numbers are not, since many files
 * have the size of an example baked in that the graph does not need, but they explain failures.
 */
record Dims(List<String> sizes) {
  Dims {
    sizes = List.copyOf(sizes);
  }

  /** Empty where the file says nothing of a shape. */
  static Optional<Dims> of(TypeProto type) {
    if (!type.hasTensorType() || !type.getTensorType().hasShape()) {
      return Optional.empty();
    }
    List<String> sizes = new ArrayList<>();
    for (TensorShapeProto.Dimension d : type.getTensorType().getShape().getDimList()) {
      boolean named = d.getDimParam().matches("\\p{L}.*") && !d.getDimParam().equals("None");
      boolean known = d.hasDimValue() && d.getDimValue() >= 0;
      sizes.add(named ? d.getDimParam() : known ? "" + d.getDimValue() : "?");
    }
    return Optional.of(new Dims(sizes));
  }

  private static boolean isName(String size) {
    return Character.isLetter(size.charAt(0));
  }

  /**
   * @param known sizes of names so far, with the inputs they come from
   */
  void check(String input, Shape shape, Map<String, Seen> known) {
    if (shape.rank() != sizes.size()) {
      throw wrong(input, shape, sizes.size() + " axes: " + this);
    }
    for (int i = 0; i < sizes.size(); i++) {
      String name = sizes.get(i);
      if (isName(name)) {
        Seen before = known.putIfAbsent(name, new Seen(input, shape.size(i)));
        if (before != null && before.size != shape.size(i)) {
          throw wrong(
              input,
              shape,
              "%s, where %s is %d by '%s'".formatted(this, name, before.size, before.input));
        }
      }
    }
  }

  /** Which declared number the shape does not have, for messages. */
  Optional<String> deviation(Shape shape) {
    for (int i = 0; i < sizes.size(); i++) {
      String size = sizes.get(i);
      if (!isName(size) && !size.equals("?") && !size.equals("" + shape.size(i))) {
        return Optional.of("size " + shape.size(i) + " on axis " + i + " of " + this);
      }
    }
    return Optional.empty();
  }

  private static TorchException wrong(String input, Shape shape, String allowed) {
    return TorchException.shape("OnnxModule.forward", "input '" + input + "'", shape, allowed);
  }

  @Override
  public String toString() {
    return "[" + String.join(", ", sizes) + "]";
  }

  /** A size that a name stands for, and the input that said so. */
  record Seen(String input, long size) {}
}
