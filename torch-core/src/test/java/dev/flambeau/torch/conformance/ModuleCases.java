package dev.flambeau.torch.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.*;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.functional.ClassLossOptions;
import dev.flambeau.torch.nn.functional.ConvOptions;
import dev.flambeau.torch.nn.functional.LossReduction;
import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** How a case's class and arguments are said in Java. */
final class ModuleCases {
  private final Values values;
  private final Map<String, Function<Arguments, Module>> known = new LinkedHashMap<>();

  /** The constructor's arguments by PyTorch's names; what is asked for is ticked off. */
  record Arguments(JsonNode init, Set<String> left) {
    static Arguments of(JsonNode init) {
      Set<String> names = new java.util.HashSet<>();
      init.fieldNames().forEachRemaining(names::add);
      return new Arguments(init, names);
    }

    JsonNode get(String name) {
      left.remove(name);
      JsonNode value = init.get(name);
      return value == null || value.isNull() ? null : value;
    }

    <T> T get(String name, T otherwise, Function<JsonNode, T> read) {
      JsonNode value = get(name);
      return value == null ? otherwise : read.apply(value);
    }

    long whole(String name) {
      return get(name, null, JsonNode::asLong);
    }

    double real(String name, double otherwise) {
      return get(name, otherwise, Values::real);
    }

    boolean flag(String name, boolean otherwise) {
      return get(name, otherwise, JsonNode::asBoolean);
    }

    long[] sizes(String name, int axes) {
      long[] given = Values.longs(get(name));
      if (given.length == axes) {
        return given;
      }
      long[] all = new long[axes];
      java.util.Arrays.fill(all, given[0]);
      return all;
    }
  }

  ModuleCases(Values values) {
    this.values = values;
    activations();
    known.put(
        "Linear",
        a -> new Linear(a.whole("in_features"), a.whole("out_features"), a.flag("bias", true)));
    known.put("Conv1d", a -> new Conv1d(in(a), out(a), a.sizes("kernel_size", 1), o -> set(o, a)));
    known.put("Conv2d", a -> new Conv2d(in(a), out(a), a.sizes("kernel_size", 2), o -> set(o, a)));
    known.put("Conv3d", a -> new Conv3d(in(a), out(a), a.sizes("kernel_size", 3), o -> set(o, a)));
    known.put("MaxPool1d", a -> new MaxPool1d(a.sizes("kernel_size", 1), o -> set(o, a)));
    known.put("MaxPool2d", a -> new MaxPool2d(a.sizes("kernel_size", 2), o -> set(o, a)));
    known.put("AvgPool1d", a -> new AvgPool1d(a.sizes("kernel_size", 1), o -> set(o, a)));
    known.put("AvgPool2d", a -> new AvgPool2d(a.sizes("kernel_size", 2), o -> set(o, a)));
    known.put("AdaptiveAvgPool1d", a -> new AdaptiveAvgPool1d(outputSize(a, 1)[0]));
    known.put(
        "AdaptiveAvgPool2d",
        a -> {
          long[] size = outputSize(a, 2);
          return new AdaptiveAvgPool2d(size[0], size[1]);
        });
    known.put("BatchNorm1d", a -> new BatchNorm1d(a.whole("num_features"), o -> set(o, a)));
    known.put("BatchNorm2d", a -> new BatchNorm2d(a.whole("num_features"), o -> set(o, a)));
    known.put(
        "LayerNorm",
        a ->
            new LayerNorm(
                Values.longs(a.get("normalized_shape")),
                o ->
                    o.eps(a.real("eps", 1e-5))
                        .elementwiseAffine(a.flag("elementwise_affine", true))));
    known.put("Embedding", this::embedding);
    known.put("Dropout", a -> new Dropout(a.real("p", 0.5)));
    known.put("Identity", _ -> new Identity());
    known.put(
        "Flatten", a -> new Flatten((int) a.real("start_dim", 1), (int) a.real("end_dim", -1)));
    known.put("Sequential", this::sequential);
    known.put("ModuleList", this::moduleList);
    losses();
  }

  private void activations() {
    Map<String, Supplier<Module>> plain =
        Map.ofEntries(
            Map.entry("ReLU", ReLU::new),
            Map.entry("ReLU6", ReLU6::new),
            Map.entry("SiLU", SiLU::new),
            Map.entry("SELU", SELU::new),
            Map.entry("Mish", Mish::new),
            Map.entry("Hardswish", Hardswish::new),
            Map.entry("Hardsigmoid", Hardsigmoid::new),
            Map.entry("Sigmoid", Sigmoid::new),
            Map.entry("Tanh", Tanh::new),
            Map.entry("Softsign", Softsign::new),
            Map.entry("Tanhshrink", Tanhshrink::new),
            Map.entry("LogSigmoid", LogSigmoid::new));
    plain.forEach((name, constructor) -> known.put(name, _ -> constructor.get()));
    known.put(
        "GELU",
        a ->
            new GELU(
                a.get(
                    "approximate",
                    GELU.Approximate.NONE,
                    v -> GELU.Approximate.valueOf(v.asText().toUpperCase(java.util.Locale.ROOT)))));
    known.put("LeakyReLU", a -> new LeakyReLU(a.real("negative_slope", 0.01)));
    known.put("ELU", a -> new ELU(a.real("alpha", 1)));
    known.put("CELU", a -> new CELU(a.real("alpha", 1)));
    known.put("Hardshrink", a -> new Hardshrink(a.real("lambd", 0.5)));
    known.put("Softshrink", a -> new Softshrink(a.real("lambd", 0.5)));
    known.put("Hardtanh", a -> new Hardtanh(a.real("min_val", -1), a.real("max_val", 1)));
    known.put("Threshold", a -> new Threshold(a.real("threshold", 0), a.real("value", 0)));
    known.put("Softplus", a -> new Softplus(a.real("beta", 1), a.real("threshold", 20)));
    known.put("Softmax", a -> new Softmax(dim(a)));
    known.put("LogSoftmax", a -> new LogSoftmax(dim(a)));
  }

  private static int dim(Arguments a) {
    if (a.get("dim") == null) {
      throw new Values.Unsupported("an implicit dim");
    }
    return (int) a.whole("dim");
  }

  private void losses() {
    known.put("CrossEntropyLoss", a -> new CrossEntropyLoss(o -> set(o, a)));
    known.put("NLLLoss", a -> new NLLLoss(o -> set(o, a)));
    reducing("MSELoss", (_, r) -> new MSELoss(r));
    reducing("L1Loss", (_, r) -> new L1Loss(r));
    reducing("SmoothL1Loss", (a, r) -> new SmoothL1Loss(a.real("beta", 1), r));
    reducing("HuberLoss", (a, r) -> new HuberLoss(a.real("delta", 1), r));
    reducing("BCELoss", (a, r) -> new BCELoss(weight(a, "weight"), r));
    reducing(
        "BCEWithLogitsLoss",
        (a, r) -> new BCEWithLogitsLoss(weight(a, "weight"), weight(a, "pos_weight"), r));
    reducing("KLDivLoss", (a, r) -> new KLDivLoss(a.flag("log_target", false), r));
  }

  private void reducing(String name, BiFunction<Arguments, LossReduction, Module> constructor) {
    known.put(name, a -> constructor.apply(a, reduction(a)));
  }

  private static LossReduction reduction(Arguments a) {
    String name = a.get("reduction", "mean", JsonNode::asText);
    return switch (name) {
      case "mean" -> LossReduction.MEAN;
      case "sum" -> LossReduction.SUM;
      case "none" -> LossReduction.NONE;
      default -> throw new Values.Unsupported("reduction " + name);
    };
  }

  private Optional<Tensor> weight(Arguments a, String name) {
    return Optional.ofNullable(a.get(name)).map(values::tensor);
  }

  private void set(ClassLossOptions o, Arguments a) {
    weight(a, "weight").ifPresent(o::weight);
    o.ignoreIndex((long) a.real("ignore_index", -100))
        .labelSmoothing(a.real("label_smoothing", 0))
        .reduction(reduction(a));
  }

  private static long in(Arguments a) {
    return a.whole("in_channels");
  }

  private static long out(Arguments a) {
    return a.whole("out_channels");
  }

  private static void set(ConvOptions o, Arguments a) {
    o.stride(a.get("stride", new long[] {1}, Values::longs));
    o.dilation(a.get("dilation", new long[] {1}, Values::longs));
    o.groups((long) a.real("groups", 1)).bias(a.flag("bias", true));
    JsonNode padding = a.get("padding");
    if (padding != null && padding.isTextual()) {
      if (padding.asText().equals("same")) {
        o.samePadding();
      }
    } else if (padding != null) {
      o.padding(Values.longs(padding));
    }
    if (!a.get("padding_mode", "zeros", JsonNode::asText).equals("zeros")) {
      throw new Values.Unsupported("padding_mode");
    }
  }

  private static void set(PoolOptions o, Arguments a) {
    o.stride(a.get("stride", new long[0], Values::longs));
    o.padding(a.get("padding", new long[] {0}, Values::longs));
    o.dilation(a.get("dilation", new long[] {1}, Values::longs));
    o.ceilMode(a.flag("ceil_mode", false)).countIncludePad(a.flag("count_include_pad", true));
    if (a.get("divisor_override") != null) {
      o.divisor(a.whole("divisor_override"));
    }
  }

  private static long[] outputSize(Arguments a, int axes) {
    JsonNode size = a.get("output_size");
    if (!size.has("tuple")) {
      return axes == 1 ? new long[] {size.asLong()} : new long[] {size.asLong(), size.asLong()};
    }
    long[] sizes = new long[axes];
    for (int i = 0; i < axes; i++) {
      sizes[i] = size.get("tuple").get(i).asLong(-1);
    }
    return sizes;
  }

  private static void set(BatchNorm.Options o, Arguments a) {
    o.eps(a.real("eps", 1e-5)).affine(a.flag("affine", true));
    o.trackRunningStats(a.flag("track_running_stats", true));
    if (a.init().has("momentum") && a.get("momentum") == null) {
      o.cumulativeMomentum();
    } else {
      o.momentum(a.real("momentum", 0.1));
    }
  }

  private Module embedding(Arguments a) {
    a.get("_weight"); // the state has it
    a.get("sparse"); // gradients are compared densely
    return new Embedding(
        a.whole("num_embeddings"),
        a.whole("embedding_dim"),
        o -> {
          if (a.get("padding_idx") != null) {
            o.paddingIndex(a.whole("padding_idx"));
          }
        });
  }

  private Module sequential(Arguments a) {
    JsonNode args = a.get("args");
    JsonNode items = args == null ? null : args.get("tuple");
    Map<String, Module> modules = new LinkedHashMap<>();
    if (items != null && items.size() == 1 && items.get(0).has("ordered_dict")) {
      for (JsonNode pair : items.get(0).get("ordered_dict")) {
        modules.put(pair.get(0).asText(), nested(pair.get(1)));
      }
    } else if (items != null) {
      items.forEach(item -> modules.put(String.valueOf(modules.size()), nested(item)));
    }
    return new Sequential(modules);
  }

  private Module moduleList(Arguments a) {
    List<Module> modules = new ArrayList<>();
    a.get("modules").get("list").forEach(item -> modules.add(nested(item)));
    return new ModuleList<>(modules);
  }

  private Module nested(JsonNode value) {
    JsonNode module = value.get("module");
    return construct(module.get("class").asText(), module.get("init"));
  }

  boolean knows(String name) {
    return known.containsKey(name);
  }

  Module construct(String name, JsonNode init) {
    if (!knows(name)) {
      throw new Values.Unsupported(name);
    }
    Arguments arguments = Arguments.of(init);
    Module module = known.get(name).apply(arguments);
    for (String left : arguments.left()) {
      boolean harmless = left.equals("inplace") || init.get(left).isNull();
      if (!harmless && !(init.get(left).isBoolean() && !init.get(left).asBoolean())) {
        throw new Values.Unsupported(name + "'s " + left);
      }
    }
    return module;
  }
}
