package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.nn.CELU;
import dev.flambeau.torch.nn.ELU;
import dev.flambeau.torch.nn.GELU;
import dev.flambeau.torch.nn.GLU;
import dev.flambeau.torch.nn.Hardshrink;
import dev.flambeau.torch.nn.Hardsigmoid;
import dev.flambeau.torch.nn.Hardswish;
import dev.flambeau.torch.nn.Hardtanh;
import dev.flambeau.torch.nn.LeakyReLU;
import dev.flambeau.torch.nn.LogSigmoid;
import dev.flambeau.torch.nn.LogSoftmax;
import dev.flambeau.torch.nn.Mish;
import dev.flambeau.torch.nn.PReLU;
import dev.flambeau.torch.nn.RReLU;
import dev.flambeau.torch.nn.ReLU;
import dev.flambeau.torch.nn.ReLU6;
import dev.flambeau.torch.nn.SELU;
import dev.flambeau.torch.nn.SiLU;
import dev.flambeau.torch.nn.Sigmoid;
import dev.flambeau.torch.nn.Softmax;
import dev.flambeau.torch.nn.Softmax2d;
import dev.flambeau.torch.nn.Softmin;
import dev.flambeau.torch.nn.Softplus;
import dev.flambeau.torch.nn.Softshrink;
import dev.flambeau.torch.nn.Softsign;
import dev.flambeau.torch.nn.Tanh;
import dev.flambeau.torch.nn.Tanhshrink;
import dev.flambeau.torch.nn.Threshold;
import java.util.List;
import java.util.Locale;

/** Activations. */
final class NonlinearityEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          module(ReLU.class, _ -> new ReLU()),
          module(ReLU6.class, _ -> new ReLU6()),
          module(SiLU.class, _ -> new SiLU()),
          module(SELU.class, _ -> new SELU()),
          module(Mish.class, _ -> new Mish()),
          module(Hardswish.class, _ -> new Hardswish()),
          module(Hardsigmoid.class, _ -> new Hardsigmoid())
              .tolerance(1e-8, "PyTorch's gradient has the F32 number next to 1/6"),
          module(Sigmoid.class, _ -> new Sigmoid()),
          module(Tanh.class, _ -> new Tanh()),
          module(Softsign.class, _ -> new Softsign()),
          module(Tanhshrink.class, _ -> new Tanhshrink()),
          module(LogSigmoid.class, _ -> new LogSigmoid()),
          module(GELU.class, a -> new GELU(approximate(a.text("approximate", "none")))),
          module(LeakyReLU.class, a -> new LeakyReLU(a.real("negative_slope", 0.01))),
          module(ELU.class, a -> new ELU(a.real("alpha", 1))),
          module(CELU.class, a -> new CELU(a.real("alpha", 1))),
          module(Hardshrink.class, a -> new Hardshrink(a.real("lambd", 0.5))),
          module(Softshrink.class, a -> new Softshrink(a.real("lambd", 0.5))),
          module(Hardtanh.class, a -> new Hardtanh(a.real("min_val", -1), a.real("max_val", 1))),
          module(Threshold.class, a -> new Threshold(a.real("threshold"), a.real("value"))),
          module(Softplus.class, a -> new Softplus(a.real("beta", 1), a.real("threshold", 20))),
          module(Softmax.class, a -> a.has("dim") ? new Softmax(a.axis("dim")) : new Softmax()),
          module(
              LogSoftmax.class,
              a -> a.has("dim") ? new LogSoftmax(a.axis("dim")) : new LogSoftmax()),
          module(GLU.class, a -> new GLU(a.axis("dim", -1))),
          module(PReLU.class, a -> new PReLU(a.whole("num_parameters", 1), a.real("init", 0.25))),
          module(RReLU.class, a -> new RReLU(a.real("lower", 1.0 / 8), a.real("upper", 1.0 / 3))),
          module(Softmax2d.class, _ -> new Softmax2d()),
          module(Softmin.class, a -> a.has("dim") ? new Softmin(a.axis("dim")) : new Softmin()));

  private NonlinearityEntries() {}

  private static GELU.Approximate approximate(String name) {
    return GELU.Approximate.valueOf(name.toUpperCase(Locale.ROOT));
  }
}
