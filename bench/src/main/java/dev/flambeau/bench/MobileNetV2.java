package dev.flambeau.bench;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ReLU6;
import dev.flambeau.torch.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/** MobileNetV2 (Sandler et al. 2018), with torchvision's names: (N, 3, 224, 224) to (N, 1000). */
final class MobileNetV2 extends Module {

  /** Blocks of one kind; the stride is that of the first. */
  record Row(int expansion, int out, int count, int stride) {}

  /** Table 2 of the paper. */
  static final List<Row> ROWS =
      List.of(
          new Row(1, 16, 1, 1),
          new Row(6, 24, 2, 2),
          new Row(6, 32, 3, 2),
          new Row(6, 64, 4, 2),
          new Row(6, 96, 3, 1),
          new Row(6, 160, 3, 2),
          new Row(6, 320, 1, 1));

  final Sequential features;
  final Sequential classifier =
      new Sequential(new Dropout(0), new Linear(1280, Input.PICTURES.classes));

  /** Expansion, depthwise convolution, projection; a shortcut if it fits. */
  private static final class InvertedResidual extends Module {
    final Sequential conv;
    private final boolean shortcut;

    InvertedResidual(int in, int expansion, int out, int stride) {
      int wide = expansion * in;
      var parts = new ArrayList<Module>();
      if (expansion != 1) {
        parts.add(unit(in, wide, 1, 1, 1));
      }
      parts.add(unit(wide, wide, 3, stride, wide));
      parts.add(new Conv2d(wide, out, 1, o -> o.bias(false)));
      parts.add(new BatchNorm2d(out));
      conv = new Sequential(parts);
      shortcut = stride == 1 && in == out;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = conv.call(x);
      return shortcut ? x.add(y) : y;
    }
  }

  MobileNetV2() {
    var parts = new ArrayList<Module>();
    parts.add(unit(3, 32, 3, 2, 1));
    int channels = 32;
    for (var row : ROWS) {
      for (int i = 0; i < row.count; i++) {
        int stride = i == 0 ? row.stride : 1;
        parts.add(new InvertedResidual(channels, row.expansion, row.out, stride));
        channels = row.out;
      }
    }
    parts.add(unit(channels, 1280, 1, 1, 1));
    features = new Sequential(parts);
  }

  private static Module unit(int in, int out, int kernel, int stride, int groups) {
    var conv =
        new Conv2d(
            in, out, kernel, o -> o.stride(stride).padding(kernel / 2).groups(groups).bias(false));
    return new Sequential(conv, new BatchNorm2d(out), new ReLU6());
  }

  @Override
  public Tensor forward(Tensor x) {
    return classifier.call(features.call(x).mean(2, 3));
  }
}
