package dev.flambeau.torch.catalog;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.init.Init;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** How the functions of {@code torch.nn.init} are called here, by PyTorch's name. */
public final class InitEntries {
  private static final Map<String, BiFunction<Tensor, Arguments, Tensor>> ALL =
      Map.ofEntries(
          Map.entry("uniform_", (t, a) -> Init.uniform_(t, a.real("a", 0), a.real("b", 1))),
          Map.entry("normal_", (t, a) -> Init.normal_(t, a.real("mean", 0), a.real("std", 1))),
          Map.entry(
              "trunc_normal_",
              (t, a) ->
                  Init.truncNormal_(
                      t, a.real("mean", 0), a.real("std", 1), a.real("a", -2), a.real("b", 2))),
          Map.entry("constant_", (t, a) -> Init.constant_(t, a.real("val"))),
          Map.entry("ones_", (t, _) -> Init.ones_(t)),
          Map.entry("zeros_", (t, _) -> Init.zeros_(t)),
          Map.entry("eye_", (t, _) -> Init.eye_(t)),
          Map.entry("dirac_", (t, a) -> Init.dirac_(t, a.whole("groups", 1))),
          Map.entry("xavier_uniform_", (t, a) -> Init.xavierUniform_(t, a.real("gain", 1))),
          Map.entry("xavier_normal_", (t, a) -> Init.xavierNormal_(t, a.real("gain", 1))),
          Map.entry(
              "kaiming_uniform_",
              (t, a) -> Init.kaimingUniform_(t, a.real("a", 0), fan(a), nonlinearity(a))),
          Map.entry(
              "kaiming_normal_",
              (t, a) -> Init.kaimingNormal_(t, a.real("a", 0), fan(a), nonlinearity(a))),
          Map.entry("orthogonal_", (t, a) -> Init.orthogonal_(t, a.real("gain", 1))),
          Map.entry("sparse_", (t, a) -> Init.sparse_(t, a.real("sparsity"), a.real("std", 0.01))));

  private InitEntries() {}

  /** The initializer of this name; it takes the tensor and PyTorch's other arguments. */
  public static Optional<BiFunction<Tensor, Arguments, Tensor>> find(String name) {
    return Optional.ofNullable(ALL.get(name));
  }

  private static Init.Fan fan(Arguments a) {
    return switch (a.text("mode", "fan_in")) {
      case "fan_in" -> Init.Fan.IN;
      case "fan_out" -> Init.Fan.OUT;
      // Java's enum has no such word.
      case String other -> throw new Arguments.NotSupported("mode " + other);
    };
  }

  private static Init.Nonlinearity nonlinearity(Arguments a) {
    return Init.Nonlinearity.of(a.text("nonlinearity", "leaky_relu"));
  }

  /** {@code calculate_gain(nonlinearity, param)}. */
  public static double gain(Arguments a) {
    Init.Nonlinearity after = Init.Nonlinearity.of(a.text("nonlinearity", ""));
    return Init.calculateGain(after, a.real("param", 0.01));
  }
}
