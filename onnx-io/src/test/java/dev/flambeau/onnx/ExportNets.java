package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.ConvTranspose2d;
import dev.flambeau.torch.nn.Embedding;
import dev.flambeau.torch.nn.LSTM;
import dev.flambeau.torch.nn.LayerNorm;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.TransformerEncoderLayer;
import dev.flambeau.torch.nn.functional.F;
import java.util.List;

/** Narrow networks of each kind. */
final class ExportNets {
  private ExportNets() {}

  /** ResNet (He et al. 2016): a stem and a block with a projection. */
  static final class Residual extends Module {
    final Conv2d stem = new Conv2d(3, 8, 7, o -> o.stride(2).padding(3).bias(false));
    final BatchNorm2d bn1 = new BatchNorm2d(8);
    final Conv2d conv1 = new Conv2d(8, 16, 3, o -> o.stride(2).padding(1).bias(false));
    final BatchNorm2d bn2 = new BatchNorm2d(16);
    final Conv2d conv2 = new Conv2d(16, 16, 3, o -> o.padding(1).bias(false));
    final BatchNorm2d bn3 = new BatchNorm2d(16);
    final Conv2d down = new Conv2d(8, 16, 1, o -> o.stride(2).bias(false));
    final Linear fc = new Linear(16, 10);

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = F.maxPool2d(bn1.call(stem.call(input)).relu(), 3, o -> o.stride(2).padding(1));
      Tensor y = bn3.call(conv2.call(bn2.call(conv1.call(x)).relu()));
      Tensor sum = y.add(down.call(x)).relu();
      return fc.call(F.adaptiveAvgPool(sum, 1, 1).flatten(1));
    }
  }

  /** MobileNetV2 and V3: depthwise, ReLU6, hard swish, squeeze and excitation. */
  static final class Inverted extends Module {
    final Conv2d expand = new Conv2d(3, 12, 1);
    final Conv2d depthwise = new Conv2d(12, 12, 3, o -> o.stride(2).padding(1).groups(12));
    final BatchNorm2d bn = new BatchNorm2d(12);
    final Conv2d squeeze = new Conv2d(12, 4, 1);
    final Conv2d excite = new Conv2d(4, 12, 1);
    final Conv2d project = new Conv2d(12, 6, 1);
    final Linear fc = new Linear(6, 5);

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = F.relu6(expand.call(input));
      x = F.hardswish(bn.call(depthwise.call(x)));
      Tensor s = F.hardsigmoid(excite.call(squeeze.call(F.adaptiveAvgPool(x, 1, 1)).relu()));
      x = project.call(x.mul(s));
      return fc.call(x.mean(2, 3));
    }
  }

  /** VGG: convolutions, pooling, a flattened image into linear layers. */
  static final class Plain extends Module {
    final Conv2d conv1 = new Conv2d(3, 4, 3, o -> o.padding(1));
    final Conv2d conv2 = new Conv2d(4, 8, 3, o -> o.padding(1));
    final Linear fc1 = new Linear(8 * 8 * 8, 16);
    final Linear fc2 = new Linear(16, 4);

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = F.maxPool2d(conv1.call(input).relu(), 2);
      x = F.maxPool2d(conv2.call(x).relu(), 2);
      return fc2.call(fc1.call(x.flatten(1)).relu());
    }
  }

  /** SqueezeNet: a fire module. */
  static final class Fire extends Module {
    final Conv2d squeeze = new Conv2d(3, 4, 1);
    final Conv2d one = new Conv2d(4, 6, 1);
    final Conv2d three = new Conv2d(4, 6, 3, o -> o.padding(1));

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = squeeze.call(input).relu();
      Tensor y = Torch.cat(List.of(one.call(x).relu(), three.call(x).relu()), 1);
      return F.adaptiveAvgPool(y, 1, 1).flatten(1);
    }
  }

  /** Vision transformer: patches, a class token, a layer of an encoder. */
  static final class Patches extends Module {
    final Conv2d patch = new Conv2d(3, 16, 8, o -> o.stride(8));
    final Tensor classToken = parameter(Torch.randn(1, 1, 16));
    final Tensor position = parameter(Torch.randn(1, 17, 16));
    final TransformerEncoderLayer layer =
        new TransformerEncoderLayer(16, 4, o -> o.batchFirst(true).dimFeedforward(32));
    final LayerNorm norm = new LayerNorm(16);
    final Linear head = new Linear(16, 5);

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = patch.call(input).flatten(2).transpose(1, 2);
      Tensor first = classToken.expand(input.size(0), 1, 16);
      x = layer.call(Torch.cat(List.of(first, x), 1).add(position));
      return head.call(norm.call(x).select(1, 0));
    }
  }

  /** Words, positions, a layer of an encoder, the mean. */
  static final class Encoder extends Module {
    final Embedding words = new Embedding(20, 16);
    final Embedding positions = new Embedding(10, 16);
    final TransformerEncoderLayer layer =
        new TransformerEncoderLayer(16, 2, o -> o.batchFirst(true).dimFeedforward(32));
    final Linear head = new Linear(16, 3);

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = words.call(input).add(positions.call(Torch.arange(input.size(1))));
      return head.call(layer.call(x).mean(1)).softmax(-1);
    }
  }

  /** GPT (Radford et al. 2019): causal attention, GELU by tanh. */
  static final class Decoder extends Module {
    final Embedding words = new Embedding(20, 16);
    final LayerNorm norm1 = new LayerNorm(16);
    final Linear attention = new Linear(16, 48);
    final Linear project = new Linear(16, 16);
    final LayerNorm norm2 = new LayerNorm(16);
    final Linear up = new Linear(16, 64);
    final Linear down = new Linear(64, 16);
    final Linear head = new Linear(16, 20, false);

    @Override
    public Tensor forward(Tensor input) {
      long n = input.size(0);
      long t = input.size(1);
      Tensor x = words.call(input);
      Tensor qkv = attention.call(norm1.call(x)).reshape(n, t, 3, 2, 8).permute(2, 0, 3, 1, 4);
      Tensor scores = qkv.select(0, 0).matmul(qkv.select(0, 1).transpose(-1, -2)).div(Math.sqrt(8));
      Tensor mask = Torch.ones(t, t).triu(1).mul(-1e9);
      Tensor mixed = scores.add(mask).softmax(-1).matmul(qkv.select(0, 2));
      x = x.add(project.call(mixed.transpose(1, 2).reshape(n, t, 16)));
      x = x.add(down.call(F.gelu(up.call(norm2.call(x)), true)));
      return head.call(x);
    }
  }

  /** A classifier by the last state of an LSTM. */
  static final class Recurrent extends Module {
    final Embedding words = new Embedding(20, 8);
    final LSTM lstm = new LSTM(8, 12, o -> o.batchFirst(true));
    final Linear head = new Linear(12, 3);

    @Override
    public Tensor forward(Tensor input) {
      Tensor states = lstm.call(words.call(input));
      return head.call(states.select(1, -1));
    }
  }

  /** U-Net (Ronneberger et al. 2015): down, up by a transposed convolution, joined. */
  static final class UNet extends Module {
    final Conv2d down = new Conv2d(3, 4, 3, o -> o.padding(1));
    final Conv2d middle = new Conv2d(4, 8, 3, o -> o.padding(1));
    final ConvTranspose2d up = new ConvTranspose2d(8, 4, 2, o -> o.stride(2));
    final Conv2d last = new Conv2d(8, 2, 1);

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = down.call(input).relu();
      Tensor y = up.call(middle.call(F.maxPool2d(x, 2)).relu());
      return last.call(Torch.cat(List.of(x, y), 1));
    }
  }
}
