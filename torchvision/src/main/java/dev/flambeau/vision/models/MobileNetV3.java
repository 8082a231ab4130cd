package dev.flambeau.vision.models;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.AdaptiveAvgPool2d;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Hardswish;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ReLU;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.init.Init;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * MobileNetV3 (Howard et al. 2019, Searching for MobileNetV3): (N, 3, H, W) to (N, classes),
 * usually 224 x 224. PyTorch: {@code torchvision.models.mobilenet_v3_small}.
 */
public final class MobileNetV3 extends Module {
  private final Sequential features;
  private final AdaptiveAvgPool2d avgpool = new AdaptiveAvgPool2d(1);
  private final Sequential classifier;

  /** A row of the paper's tables 1 and 2; hard: Hardswish instead of ReLU. */
  private record Row(
      long in, int kernel, long expanded, long out, boolean squeeze, boolean hard, int stride) {}

  /**
   * Expansion, depthwise convolution, squeeze and excitation, projection; a shortcut if it fits.
   */
  private static final class InvertedResidual extends Module {
    private final Sequential block;
    private final boolean shortcut;

    InvertedResidual(Row row) {
      List<Module> parts = new ArrayList<>();
      if (row.expanded != row.in) {
        parts.add(conv(row.in, row.expanded, 1, 1, 1, activation(row.hard)));
      }
      parts.add(
          conv(
              row.expanded,
              row.expanded,
              row.kernel,
              row.stride,
              row.expanded,
              activation(row.hard)));
      if (row.squeeze) {
        parts.add(new SqueezeExcitation(row.expanded, divisibleByEight(row.expanded / 4.0)));
      }
      parts.add(conv(row.expanded, row.out, 1, 1, 1, Optional.empty()));
      block = new Sequential(parts);
      shortcut = row.stride == 1 && row.in == row.out;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = block.call(x);
      return shortcut ? y.add(x) : y;
    }
  }

  private MobileNetV3(List<Row> rows, long last, long classes) {
    List<Module> parts = new ArrayList<>();
    parts.add(conv(3, rows.getFirst().in, 3, 2, 1, activation(true)));
    rows.forEach(row -> parts.add(new InvertedResidual(row)));
    long in = rows.getLast().out;
    parts.add(conv(in, 6 * in, 1, 1, 1, activation(true)));
    features = new Sequential(parts);
    classifier =
        new Sequential(
            new Linear(6 * in, last), new Hardswish(), new Dropout(0.2), new Linear(last, classes));
    namedModules().values().forEach(MobileNetV3::initialize);
  }

  private static void initialize(Module module) {
    if (module instanceof Conv2d conv) {
      Init.kaimingNormal_(conv.weight, 0, Init.Fan.OUT, Init.Nonlinearity.LEAKY_RELU);
      conv.bias.ifPresent(Init::zeros_);
    } else if (module instanceof Linear linear) {
      Init.normal_(linear.weight, 0, 0.01);
      linear.bias.ifPresent(Init::zeros_);
    }
  }

  private static Optional<Module> activation(boolean hard) {
    return Optional.of(hard ? new Hardswish() : new ReLU());
  }

  private static Module conv(
      long in, long out, long kernel, long stride, long groups, Optional<Module> activation) {
    BatchNorm2d norm = new BatchNorm2d(out, o -> o.eps(1e-3).momentum(0.01));
    return new Conv2dNormActivation(in, out, kernel, stride, groups, norm, activation);
  }

  /** The nearest multiple of 8, but not more than a tenth below. */
  private static long divisibleByEight(double channels) {
    long rounded = Math.max(8, (long) (channels + 4) / 8 * 8);
    return rounded < 0.9 * channels ? rounded + 8 : rounded;
  }

  /** The small network, 1000 classes: 2,542,856 parameters. */
  public static MobileNetV3 small() {
    return small(1000);
  }

  public static MobileNetV3 small(long classes) {
    return new MobileNetV3(
        List.of(
            new Row(16, 3, 16, 16, true, false, 2),
            new Row(16, 3, 72, 24, false, false, 2),
            new Row(24, 3, 88, 24, false, false, 1),
            new Row(24, 5, 96, 40, true, true, 2),
            new Row(40, 5, 240, 40, true, true, 1),
            new Row(40, 5, 240, 40, true, true, 1),
            new Row(40, 5, 120, 48, true, true, 1),
            new Row(48, 5, 144, 48, true, true, 1),
            new Row(48, 5, 288, 96, true, true, 2),
            new Row(96, 5, 576, 96, true, true, 1),
            new Row(96, 5, 576, 96, true, true, 1)),
        1024,
        classes);
  }

  @Override
  public Tensor forward(Tensor x) {
    return classifier.call(avgpool.call(features.call(x)).flatten(1));
  }
}
