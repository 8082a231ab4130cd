package dev.flambeau.torch;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Prints tensors as PyTorch does by default: 4 digits, at most 1000 elements before the middle is
 * left out, 3 items at each edge, 80 columns. PyTorch: {@code torch/_tensor_str.py}.
 */
final class TensorText {
  private static final String PREFIX = "tensor(";
  private static final int INDENT = PREFIX.length();
  private static final int LINE = 80;
  private static final int EDGE = 3;
  private static final int SUMMARY = 1000;
  private static final int DIGITS = 4;

  private final Tensor tensor;
  private final boolean summarize;
  private final boolean real;
  private final List<String> cells = new ArrayList<>();
  private int next;
  private int width;

  private TensorText(Tensor tensor) {
    this.tensor = tensor;
    this.summarize = tensor.numel() > SUMMARY;
    this.real = tensor.dtype().isFloat();
  }

  static String of(Tensor t) {
    if (t.device() == Device.META) {
      return "tensor(..., device='meta', size=" + tuple(t.shape()) + ")";
    }
    TensorText text = new TensorText(t.detach());
    return text.withSuffixes(text.body(), text.suffixes(t));
  }

  private String body() {
    if (tensor.numel() == 0) {
      return "[]";
    }
    List<Object> values = new ArrayList<>();
    collect(new long[tensor.dim()], 0, values);
    format(values);
    return text(0, INDENT);
  }

  /** The indices shown of an axis: all, or three at each edge. */
  private long[] shown(int axis) {
    long size = tensor.size(axis);
    if (!summarize || size <= 2 * EDGE) {
      return LongStream.range(0, size).toArray();
    }
    long[] out = new long[2 * EDGE];
    for (int i = 0; i < EDGE; i++) {
      out[i] = i;
      out[EDGE + i] = size - EDGE + i;
    }
    return out;
  }

  private void collect(long[] index, int axis, List<Object> values) {
    if (axis == index.length) {
      values.add(
          switch (tensor.dtype().category()) {
            case FLOAT -> tensor.at(index);
            case BOOL -> tensor.at(index) != 0 ? "True" : "False";
            case INTEGER -> tensor.get(index).itemLong();
          });
      return;
    }
    for (long i : shown(axis)) {
      index[axis] = i;
      collect(index, axis + 1, values);
    }
  }

  private void format(List<Object> values) {
    if (!real) {
      for (Object value : values) {
        cells.add(value.toString());
        width = Math.max(width, value.toString().length());
      }
      return;
    }
    double[] finite =
        values.stream()
            .mapToDouble(Double.class::cast)
            .filter(v -> v != 0 && Double.isFinite(v))
            .toArray();
    double max = 0;
    double min = Double.MAX_VALUE;
    boolean whole = true;
    for (double v : finite) {
      max = Math.max(max, Math.abs(v));
      min = Math.min(min, Math.abs(v));
      whole &= v == Math.rint(v);
    }
    boolean scientific =
        finite.length > 0 && (max / min > 1000 || max > 1e8 || !whole && min < 1e-4);
    width = 1;
    for (double v : finite) {
      width = Math.max(width, number(v, scientific, whole).length());
    }
    for (Object v : values) {
      cells.add(number((Double) v, scientific, whole));
    }
  }

  private static String number(double v, boolean scientific, boolean whole) {
    if (Double.isNaN(v)) {
      return "nan";
    }
    if (Double.isInfinite(v)) {
      return v > 0 ? "inf" : "-inf";
    }
    if (scientific) {
      return String.format(Locale.ROOT, "%." + DIGITS + "e", v);
    }
    String sign = v == 0 && 1 / v < 0 ? "-" : "";
    return whole
        ? sign + fixed(v, 0) + "."
        : sign.isEmpty() ? fixed(v, DIGITS) : sign + fixed(Math.abs(v), DIGITS);
  }

  /** Rounds the exact binary value half to even, as C does (Java's format rounds half up). */
  private static String fixed(double v, int digits) {
    String text = new BigDecimal(v).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    return v < 0 && !text.startsWith("-") ? "-" + text : text;
  }

  private String cell() {
    String cell = cells.get(next++);
    return " ".repeat(Math.max(0, width - cell.length())) + cell;
  }

  private String text(int axis, int indent) {
    if (tensor.dim() == 0) {
      return cell();
    }
    boolean cut = summarize && tensor.size(axis) > 2 * EDGE;
    int count = shown(axis).length;
    List<String> items = new ArrayList<>();
    boolean last = axis == tensor.dim() - 1;
    for (int i = 0; i < count; i++) {
      if (cut && i == EDGE) {
        items.add(last ? " ..." : "...");
      }
      items.add(last ? cell() : text(axis + 1, indent + 1));
    }
    String margin = " ".repeat(indent + 1);
    if (!last) {
      String separator = "," + "\n".repeat(tensor.dim() - axis - 1) + margin;
      return "[" + String.join(separator, items) + "]";
    }
    int perLine = Math.max(1, (LINE - indent) / (width + 2));
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < items.size(); i += perLine) {
      lines.add(String.join(", ", items.subList(i, Math.min(items.size(), i + perLine))));
    }
    return "[" + String.join(",\n" + margin, lines) + "]";
  }

  private List<String> suffixes(Tensor original) {
    List<String> out = new ArrayList<>();
    DType type = tensor.dtype();
    boolean empty = tensor.numel() == 0;
    if (empty && tensor.dim() != 1) {
      out.add("size=" + tuple(tensor.shape()));
    }
    boolean plain = type == DType.F32 || !empty && (type == DType.I64 || type == DType.BOOL);
    if (!plain) {
      out.add("dtype=torch." + type.torchName());
    }
    if (original.requiresGrad()) {
      out.add(
          original.isLeaf()
              ? "requires_grad=True"
              : "grad_fn=<" + original.history().gradFn().name() + ">");
    }
    return out;
  }

  private static String tuple(Shape shape) {
    String inside = shape.toString().substring(1, shape.toString().length() - 1);
    return "(" + inside + (shape.rank() == 1 ? "," : "") + ")";
  }

  private String withSuffixes(String body, List<String> suffixes) {
    StringBuilder out = new StringBuilder(PREFIX).append(body);
    int column = out.length() - out.lastIndexOf("\n") + 1;
    for (String suffix : suffixes) {
      if (column + suffix.length() + 2 > LINE) {
        out.append(",\n").append(" ".repeat(INDENT)).append(suffix);
        column = INDENT + suffix.length();
      } else {
        out.append(", ").append(suffix);
        column += suffix.length() + 2;
      }
    }
    return out.append(")").toString();
  }
}
