package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import java.util.List;

/**
 * The activation functions of {@code nn.functional}; what they share, {@code inplace}, is false.
 */
final class ActivationEntries {
  static final List<Entry> ALL =
      List.of(
          activation(
              "gelu",
              "F.gelu",
              a -> F.gelu(a.self(), a.text("approximate", "none").equals("tanh"))),
          activation("relu", "F.relu", a -> F.relu(a.self())),
          activation(
              "softplus",
              "F.softplus",
              a -> F.softplus(a.self(), a.real("beta", 1), a.real("threshold", 20))),
          activation("mish", "F.mish", a -> F.mish(a.self())),
          activation("softsign", "F.softsign", a -> F.softsign(a.self())),
          activation("tanhshrink", "F.tanhshrink", a -> F.tanhshrink(a.self())),
          activation("logsigmoid", "F.logsigmoid", a -> F.logsigmoid(a.self())),
          activation("selu", "F.selu", a -> F.selu(a.self())),
          activation("elu", "F.elu", a -> F.elu(a.self(), a.real("alpha", 1))),
          activation("celu", "F.celu", a -> F.celu(a.self(), a.real("alpha", 1))),
          activation(
              "hardshrink", "F.hardshrink", a -> F.hardshrink(a.self(), a.real("lambd", 0.5))),
          activation(
              "softshrink", "F.softshrink", a -> F.softshrink(a.self(), a.real("lambd", 0.5))),
          activation(
              "threshold",
              "F.threshold",
              a -> F.threshold(a.self(), a.real("threshold"), a.real("value"))),
          activation(
              "leaky_relu",
              "F.leakyRelu",
              a -> F.leakyRelu(a.self(), a.real("negative_slope", 0.01))),
          activation(
              "hardtanh",
              "F.hardtanh",
              a -> F.hardtanh(a.self(), a.real("min_val", -1), a.real("max_val", 1))),
          activation("prelu", "F.prelu", a -> F.prelu(a.self(), a.tensor("weight"))),
          activation("glu", "F.glu", a -> F.glu(a.self(), a.axis("dim", -1))),
          activation("softmin", "F.softmin", ActivationEntries::softmin));

  private ActivationEntries() {}

  private static Entry activation(String name, String java, Binding.Single call) {
    return entry(
        "nn.functional." + name,
        java,
        a -> {
          Tensor y = call.call(a);
          a.only("inplace", false);
          return y;
        });
  }

  private static Tensor softmin(Arguments a) {
    int axis = a.axis("dim");
    return F.softmin(a.maybeDtype("dtype").map(a.self()::to).orElse(a.self()), axis);
  }
}
