package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.Bilinear;
import dev.flambeau.torch.nn.Conv1d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Conv3d;
import dev.flambeau.torch.nn.ConvTranspose1d;
import dev.flambeau.torch.nn.ConvTranspose2d;
import dev.flambeau.torch.nn.ConvTranspose3d;
import dev.flambeau.torch.nn.ConvolutionTranspose;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Embedding;
import dev.flambeau.torch.nn.Identity;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ModuleDict;
import dev.flambeau.torch.nn.ModuleList;
import dev.flambeau.torch.nn.ParameterDict;
import dev.flambeau.torch.nn.ParameterList;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.functional.ConvOptions;
import dev.flambeau.torch.nn.functional.Padding;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Layers and containers. */
final class ModuleEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          module(
              Linear.class,
              a ->
                  new Linear(
                      a.whole("in_features"), a.whole("out_features"), a.flag("bias", true))),
          module(Conv1d.class, a -> new Conv1d(in(a), out(a), sizes(a, 1), o -> convolution(o, a))),
          module(Conv2d.class, a -> new Conv2d(in(a), out(a), sizes(a, 2), o -> convolution(o, a))),
          module(Conv3d.class, a -> new Conv3d(in(a), out(a), sizes(a, 3), o -> convolution(o, a))),
          module(
              ConvTranspose1d.class,
              a -> new ConvTranspose1d(in(a), out(a), sizes(a, 1), o -> transposed(o, a)),
              ModuleEntries::forward),
          module(
              ConvTranspose2d.class,
              a -> new ConvTranspose2d(in(a), out(a), sizes(a, 2), o -> transposed(o, a)),
              ModuleEntries::forward),
          module(
              ConvTranspose3d.class,
              a -> new ConvTranspose3d(in(a), out(a), sizes(a, 3), o -> transposed(o, a)),
              ModuleEntries::forward),
          module(
              Bilinear.class,
              a ->
                  new Bilinear(
                      a.whole("in1_features"),
                      a.whole("in2_features"),
                      a.whole("out_features"),
                      a.flag("bias", true)),
              (m, a) -> m.forward(a.tensor("input1"), a.tensor("input2"))),
          module(Embedding.class, ModuleEntries::embedding),
          module(Dropout.class, a -> new Dropout(a.real("p", 0.5))),
          module(Identity.class, ModuleEntries::identity),
          module(Sequential.class, ModuleEntries::sequential),
          module(ModuleList.class, a -> new ModuleList<Module>(modules(a.value("modules")))),
          module(
              ModuleDict.class,
              a -> new ModuleDict<Module>(named(a.value("modules"), Module.class))),
          module(
              ParameterList.class,
              a -> new ParameterList(a.has("values") ? a.tensors("values") : List.of())),
          module(ParameterDict.class, a -> new ParameterDict(parameters(a.value("parameters")))));

  private ModuleEntries() {}

  private static long in(Arguments a) {
    return a.whole("in_channels");
  }

  private static long out(Arguments a) {
    return a.whole("out_channels");
  }

  /** The kernel's size along each axis. */
  static long[] sizes(Arguments a, int axes) {
    return spread(a.longs("kernel_size"), axes);
  }

  /** One number counts for all axes. */
  static long[] spread(long[] given, int axes) {
    long[] all = Arrays.copyOf(given, axes);
    if (given.length == 1) {
      Arrays.fill(all, given[0]);
    }
    return all;
  }

  static void convolution(ConvOptions o, Arguments a) {
    o.stride(a.longs("stride", 1));
    if (!(a.peek("padding") instanceof String)) {
      o.padding(a.longs("padding", 0));
    } else if (a.text("padding", "").equals("same")) {
      o.samePadding();
    }
    o.dilation(a.longs("dilation", 1)).groups(a.whole("groups", 1)).bias(a.flag("bias", true));
    o.paddingMode(
        switch (a.text("padding_mode", "zeros")) {
          case "zeros" -> Padding.CONSTANT;
          case String other -> Padding.valueOf(other.toUpperCase(Locale.ROOT));
        });
  }

  static void transposed(ConvOptions o, Arguments a) {
    o.stride(a.longs("stride", 1)).padding(a.longs("padding", 0));
    o.outputPadding(a.longs("output_padding", 0)).groups(a.whole("groups", 1));
    o.bias(a.flag("bias", true)).dilation(a.longs("dilation", 1));
  }

  static Tensor forward(ConvolutionTranspose m, Arguments a) {
    Tensor input = a.tensor("input");
    return a.maybeLongs("output_size")
        .map(size -> m.forward(input, size))
        .orElseGet(() -> m.forward(input));
  }

  private static Embedding embedding(Arguments a) {
    a.named("_weight"); // the state has it
    a.named("sparse"); // gradients are compared densely
    return new Embedding(
        a.whole("num_embeddings"),
        a.whole("embedding_dim"),
        o -> {
          a.maybeWhole("padding_idx").ifPresent(o::paddingIndex);
          a.maybeReal("max_norm").ifPresent(o::maxNorm);
          o.normType(a.real("norm_type", 2));
          o.scaleGradByFrequency(a.flag("scale_grad_by_freq", false));
        });
  }

  /** Identity takes whatever it is given. */
  private static Identity identity(Arguments a) {
    a.rest();
    a.named("args");
    a.named("unused");
    return new Identity();
  }

  private static Sequential sequential(Arguments a) {
    List<?> args = a.has("args") ? (List<?>) a.value("args") : a.rest();
    Map<String, Module> named = new LinkedHashMap<>();
    boolean names = args.size() == 1 && args.get(0) instanceof List<?>;
    for (Object item : names ? (List<?>) args.get(0) : args) {
      if (item instanceof Map.Entry<?, ?> e) {
        named.put((String) e.getKey(), (Module) e.getValue());
      } else {
        named.put(String.valueOf(named.size()), (Module) item);
      }
    }
    return new Sequential(named);
  }

  /** A dict, or the list of pairs that an OrderedDict is. */
  private static <T> Map<String, T> named(Object dict, Class<T> type) {
    Map<String, T> all = new LinkedHashMap<>();
    if (dict instanceof Map<?, ?> map) {
      map.forEach((name, value) -> all.put((String) name, type.cast(value)));
    } else if (dict instanceof List<?> pairs) {
      pairs.forEach(p -> all.put((String) ((Map.Entry<?, ?>) p).getKey(), type.cast(value(p))));
    }
    return all;
  }

  private static Object value(Object pair) {
    return ((Map.Entry<?, ?>) pair).getValue();
  }

  /** PyTorch sorts those of a plain dict up to 1.13. */
  private static Map<String, Tensor> parameters(Object dict) {
    Map<String, Tensor> all = named(dict, Tensor.class);
    return dict instanceof Map<?, ?> ? new TreeMap<>(all) : all;
  }

  private static List<Module> modules(Object list) {
    return ((List<?>) list).stream().map(m -> (Module) m).toList();
  }
}
