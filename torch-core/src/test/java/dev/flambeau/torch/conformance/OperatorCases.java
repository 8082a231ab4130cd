package dev.flambeau.torch.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.op.Ops;
import dev.flambeau.torch.op.Pointwise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a call of PyTorch is said in Java, by PyTorch's name. Pointwise ones come from the registry.
 */
final class OperatorCases {
  /** One call's arguments: by position or, where the name is given, by name. */
  static final class Call {
    private final Values values;
    private final JsonNode input;
    private final JsonNode args;
    private final JsonNode kwargs;
    private final Set<String> left = new HashSet<>();
    private int taken;

    Call(Values values, JsonNode c) {
      this.values = values;
      this.input = c.get("input");
      this.args = c.get("args");
      this.kwargs = c.get("kwargs");
      kwargs.fieldNames().forEachRemaining(left::add);
    }

    Tensor x() {
      return values.tensor(input);
    }

    List<Tensor> list() {
      JsonNode items = input.has("list") ? input.get("list") : input.path("tuple");
      List<Tensor> tensors = new ArrayList<>();
      items.forEach(item -> tensors.add(values.tensor(item)));
      return tensors;
    }

    /** The next argument, or an absent one. */
    Optional<JsonNode> next(String name) {
      left.remove(name);
      int at = taken++;
      JsonNode value = at < args.size() ? args.get(at) : kwargs.get(name);
      return Optional.ofNullable(value).filter(v -> !v.isNull());
    }

    Tensor tensor(String name) {
      return values.tensor(next(name).orElseThrow(() -> new Values.Unsupported("no " + name)));
    }

    Optional<Tensor> maybeTensor(String name) {
      return next(name).map(values::tensor);
    }

    /** A tensor, or a number as PyTorch promotes it. */
    Tensor operand(String name) {
      JsonNode value = next(name).orElseThrow(() -> new Values.Unsupported("no " + name));
      if (value.isBoolean()) {
        throw new Values.Unsupported("a Python bool as operand");
      }
      return value.has("tensor") ? values.tensor(value) : x().scalar(number(value));
    }

    static Number number(JsonNode value) {
      return value.isIntegralNumber() ? (Number) value.asLong() : (Number) Values.real(value);
    }

    int axis(String name, int otherwise) {
      return (int) whole(name, otherwise);
    }

    long whole(String name, long otherwise) {
      return next(name).map(v -> (long) Values.real(v)).orElse(otherwise);
    }

    double real(String name, double otherwise) {
      return next(name).map(Values::real).orElse(otherwise);
    }

    boolean flag(String name, boolean otherwise) {
      return next(name).map(JsonNode::asBoolean).orElse(otherwise);
    }

    /** Sizes or axes: as one tuple, as several numbers, or absent. */
    long[] longs(String name) {
      boolean spread = taken < args.size() && args.get(taken).isIntegralNumber() && args.size() > 1;
      if (!spread) {
        return next(name).map(Values::longs).orElse(new long[0]);
      }
      long[] all = Pack.longs(args);
      taken = args.size();
      return all;
    }

    int[] axes(String name) {
      return Arrays.stream(next(name).map(Values::longs).orElse(new long[0]))
          .mapToInt(n -> (int) n)
          .toArray();
    }

    void finish() {
      for (int i = taken; i < args.size(); i++) {
        throw new Values.Unsupported("argument " + i);
      }
      for (String name : left) {
        if (!kwargs.get(name).isNull()) {
          throw new Values.Unsupported("argument " + name);
        }
      }
    }
  }

  /** Runs a call; {@link Call#finish} comes before the operator itself. */
  @FunctionalInterface
  interface Body {
    Tensor run(Call call);
  }

  @FunctionalInterface
  private interface Reduce {
    Tensor run(Tensor x, int[] axes, boolean keepdim);
  }

  private static final Map<String, Body> KNOWN = new HashMap<>();

  static {
    Ops.pointwise().forEach(OperatorCases::pointwise);
    pointwise("true_divide", Pointwise.DIV);
    reductions();
    movement();
    indexing();
    products();
    functional();
  }

  private OperatorCases() {}

  static Optional<Body> find(String name) {
    return Optional.ofNullable(KNOWN.get(name));
  }

  private static void pointwise(String name, Pointwise op) {
    if (op.arity() == 1) {
      KNOWN.put(
          name,
          c -> {
            c.finish();
            return c.x().apply(op);
          });
    } else if (op.arity() == 2 && op != Pointwise.SECOND) {
      KNOWN.put(
          name,
          c -> {
            Tensor other = c.operand(name.equals("pow") ? "exponent" : "other");
            c.finish();
            return Dispatcher.call(op, c.x(), other);
          });
    }
  }

  private static void reductions() {
    reduce("sum", Tensor::sum);
    reduce("mean", Tensor::mean);
    reduce("amax", Tensor::amax);
    reduce("amin", Tensor::amin);
    reduce("logsumexp", Tensor::logsumexp);
    KNOWN.put(
        "softmax",
        c -> {
          int axis = c.axis("dim", 0);
          c.finish();
          return c.x().softmax(axis);
        });
    KNOWN.put(
        "log_softmax",
        c -> {
          int axis = c.axis("dim", 0);
          c.finish();
          return c.x().logSoftmax(axis);
        });
  }

  private static void reduce(String name, Reduce body) {
    KNOWN.put(
        name,
        c -> {
          int[] axes = c.axes("dim");
          boolean keepdim = c.flag("keepdim", false);
          c.finish();
          return body.run(c.x(), axes, keepdim);
        });
  }

  private static void movement() {
    KNOWN.put("permute", c -> c.x().permute(ints(last(c, c.longs("dims")))));
    KNOWN.put("reshape", c -> c.x().reshape(last(c, c.longs("shape"))));
    KNOWN.put("view", c -> c.x().view(last(c, c.longs("size"))));
    KNOWN.put("expand", c -> c.x().expand(last(c, c.longs("size"))));
    KNOWN.put("broadcast_to", c -> c.x().expand(last(c, c.longs("size"))));
    KNOWN.put("unsqueeze", c -> c.x().unsqueeze(ints(last(c, new long[] {c.axis("dim", 0)}))[0]));
    KNOWN.put("squeeze", c -> c.x().squeeze(ints(last(c, c.longs("dim")))));
    KNOWN.put(
        "transpose",
        c -> {
          int a = c.axis("dim0", 0);
          int b = c.axis("dim1", 0);
          c.finish();
          return c.x().transpose(a, b);
        });
    KNOWN.put(
        "flatten",
        c -> {
          int start = c.axis("start_dim", 0);
          int end = c.axis("end_dim", -1);
          c.finish();
          return c.x().flatten(start, end);
        });
    KNOWN.put("t", c -> c.x().t());
    KNOWN.put("mT", c -> c.x().mT());
    KNOWN.put(
        "cat",
        c -> {
          int axis = c.axis("dim", 0);
          c.finish();
          return Torch.cat(c.list(), axis);
        });
    KNOWN.put(
        "stack",
        c -> {
          int axis = c.axis("dim", 0);
          c.finish();
          return Torch.stack(c.list(), axis);
        });
  }

  private static long[] last(Call c, long[] values) {
    c.finish();
    return values;
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(n -> (int) n).toArray();
  }

  private static void indexing() {
    KNOWN.put("gather", c -> c.x().gather(c.axis("dim", 0), c.tensor("index")));
    KNOWN.put("index_select", c -> c.x().indexSelect(c.axis("dim", 0), c.tensor("index")));
    KNOWN.put(
        "scatter_add", c -> c.x().scatterAdd(c.axis("dim", 0), c.tensor("index"), c.tensor("src")));
    KNOWN.put("select", c -> c.x().select(c.axis("dim", 0), c.whole("index", 0)));
    KNOWN.put(
        "narrow",
        c -> {
          int axis = c.axis("dim", 0);
          long start = c.whole("start", 0);
          long length = c.whole("length", 0);
          c.finish();
          return c.x().narrow(axis, start, length);
        });
    KNOWN.put(
        "where",
        c -> {
          Tensor condition = c.tensor("condition");
          return Torch.where(condition, c.x(), c.operand("other"));
        });
  }

  private static void products() {
    for (String name : List.of("matmul", "mv")) {
      KNOWN.put(
          name,
          c -> {
            Tensor other = c.tensor(name.equals("mv") ? "vec" : "other");
            c.finish();
            return c.x().matmul(other);
          });
    }
    KNOWN.put(
        "nn.functional.linear", c -> F.linear(c.x(), c.tensor("weight"), c.maybeTensor("bias")));
  }

  private static void functional() {
    for (int axes = 1; axes <= 2; axes++) {
      int n = axes;
      KNOWN.put(
          "nn.functional.conv" + n + "d",
          c -> {
            Tensor weight = c.tensor("weight");
            Optional<Tensor> bias = c.maybeTensor("bias");
            Optional<JsonNode> stride = c.next("stride");
            Optional<JsonNode> padding = c.next("padding");
            Optional<JsonNode> dilation = c.next("dilation");
            long groups = c.whole("groups", 1);
            c.finish();
            java.util.function.Consumer<dev.flambeau.torch.nn.functional.ConvOptions> options =
                o -> {
                  stride.ifPresent(v -> o.stride(Values.longs(v)));
                  dilation.ifPresent(v -> o.dilation(Values.longs(v)));
                  o.groups(groups);
                  if (padding.isPresent() && padding.get().isTextual()) {
                    if (padding.get().asText().equals("same")) {
                      o.samePadding();
                    }
                  } else {
                    padding.ifPresent(v -> o.padding(Values.longs(v)));
                  }
                };
            return n == 1
                ? F.conv1d(c.x(), weight, bias, options)
                : F.conv2d(c.x(), weight, bias, options);
          });
      KNOWN.put(
          "nn.functional.avg_pool" + n + "d",
          c -> {
            long[] kernel = spread(c.next("kernel_size").map(Values::longs).orElseThrow(), n);
            Optional<JsonNode> stride = c.next("stride");
            Optional<JsonNode> padding = c.next("padding");
            boolean ceil = c.flag("ceil_mode", false);
            boolean count = c.flag("count_include_pad", true);
            Optional<JsonNode> divisor = n == 1 ? Optional.empty() : c.next("divisor_override");
            c.finish();
            return F.avgPool(
                c.x(),
                kernel,
                o -> {
                  stride.map(Values::longs).filter(s -> s.length > 0).ifPresent(o::stride);
                  padding.ifPresent(v -> o.padding(Values.longs(v)));
                  divisor.ifPresent(v -> o.divisor(v.asLong()));
                  o.ceilMode(ceil).countIncludePad(count);
                });
          });
    }
    KNOWN.put(
        "nn.functional.layer_norm",
        c -> {
          long[] shape = c.next("normalized_shape").map(Values::longs).orElseThrow();
          Optional<Tensor> weight = c.maybeTensor("weight");
          Optional<Tensor> bias = c.maybeTensor("bias");
          double eps = c.real("eps", 1e-5);
          c.finish();
          return F.layerNorm(c.x(), shape, weight, bias, eps);
        });
  }

  private static long[] spread(long[] values, int axes) {
    long[] all = new long[axes];
    Arrays.setAll(all, i -> values[values.length == 1 ? 0 : i]);
    return all;
  }
}
