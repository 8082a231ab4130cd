package dev.flambeau.zoo;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.ConvTranspose2d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Embedding;
import dev.flambeau.torch.nn.LSTM;
import dev.flambeau.torch.nn.LayerNorm;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.MaxPool2d;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ModuleList;
import dev.flambeau.torch.nn.ReLU;
import dev.flambeau.torch.nn.ReLU6;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.TransformerEncoder;
import dev.flambeau.torch.nn.TransformerEncoderLayer;
import dev.flambeau.torch.nn.functional.F;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The networks that torchvision and torchtext lack so far, as their papers have them. */
final class RoundTripNets {
  private RoundTripNets() {}

  private static Sequential unit(long in, long out, int kernel, int stride, int groups) {
    Conv2d conv =
        new Conv2d(
            in, out, kernel, o -> o.stride(stride).padding(kernel / 2).groups(groups).bias(false));
    return new Sequential(conv, new BatchNorm2d(out, o -> o.momentum(0.03).eps(1e-3)), new ReLU6());
  }

  /** Sandler et al. 2018, table 2. */
  static final class MobileNetV2 extends Module {
    private static final int[][] ROWS = {
      {1, 16, 1, 1},
      {6, 24, 2, 2},
      {6, 32, 3, 2},
      {6, 64, 4, 2},
      {6, 96, 3, 1},
      {6, 160, 3, 2},
      {6, 320, 1, 1}
    };

    private static final class Inverted extends Module {
      final Sequential conv;
      private final boolean shortcut;

      Inverted(int in, int expansion, int out, int stride) {
        int wide = in * expansion;
        List<Module> parts = new ArrayList<>();
        if (expansion > 1) {
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
        return shortcut ? x.add(conv.call(x)) : conv.call(x);
      }
    }

    final Sequential features;
    final Sequential classifier = new Sequential(new Dropout(0.2), new Linear(1280, 10));

    MobileNetV2() {
      List<Module> parts = new ArrayList<>();
      parts.add(unit(3, 32, 3, 2, 1));
      int in = 32;
      for (int[] row : ROWS) {
        for (int i = 0; i < row[2]; i++) {
          parts.add(new Inverted(in, row[0], row[1], i == 0 ? row[3] : 1));
          in = row[1];
        }
      }
      parts.add(unit(320, 1280, 1, 1, 1));
      features = new Sequential(parts);
    }

    @Override
    public Tensor forward(Tensor x) {
      return classifier.call(features.call(x).mean(2, 3));
    }
  }

  /** Simonyan and Zisserman 2015, configuration A, with narrower layers at the end. */
  static final class Vgg extends Module {
    final Sequential features;
    final Sequential classifier =
        new Sequential(
            new Linear(512 * 7 * 7, 256),
            new ReLU(),
            new Dropout(0.5),
            new Linear(256, 256),
            new ReLU(),
            new Dropout(0.5),
            new Linear(256, 10));

    Vgg() {
      List<Module> parts = new ArrayList<>();
      int in = 3;
      for (int out : new int[] {64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0}) {
        if (out == 0) {
          parts.add(new MaxPool2d(2, o -> o.stride(2)));
        } else {
          parts.add(new Conv2d(in, out, 3, o -> o.padding(1)));
          parts.add(new ReLU());
          in = out;
        }
      }
      features = new Sequential(parts);
    }

    @Override
    public Tensor forward(Tensor x) {
      return classifier.call(F.adaptiveAvgPool(features.call(x), 7, 7).flatten(1));
    }
  }

  /** Iandola et al. 2016, version 1.1. */
  static final class SqueezeNet extends Module {
    private static final class Fire extends Module {
      final Conv2d squeeze;
      final Conv2d expand1x1;
      final Conv2d expand3x3;

      Fire(int in, int narrow, int wide) {
        squeeze = new Conv2d(in, narrow, 1);
        expand1x1 = new Conv2d(narrow, wide, 1);
        expand3x3 = new Conv2d(narrow, wide, 3, o -> o.padding(1));
      }

      @Override
      public Tensor forward(Tensor input) {
        Tensor x = squeeze.call(input).relu();
        return Torch.cat(List.of(expand1x1.call(x).relu(), expand3x3.call(x).relu()), 1);
      }
    }

    final Sequential features =
        new Sequential(
            new Conv2d(3, 64, 3, o -> o.stride(2)),
            new ReLU(),
            pool(),
            new Fire(64, 16, 64),
            new Fire(128, 16, 64),
            pool(),
            new Fire(128, 32, 128),
            new Fire(256, 32, 128),
            pool(),
            new Fire(256, 48, 192),
            new Fire(384, 48, 192),
            new Fire(384, 64, 256),
            new Fire(512, 64, 256));
    final Sequential classifier =
        new Sequential(new Dropout(0.5), new Conv2d(512, 10, 1), new ReLU());

    private static MaxPool2d pool() {
      return new MaxPool2d(3, o -> o.stride(2).ceilMode(true));
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.adaptiveAvgPool(classifier.call(features.call(x)), 1, 1).flatten(1);
    }
  }

  /** Dosovitskiy et al. 2021, the tiny one with patches of 16. */
  static final class VisionTransformer extends Module {
    final Conv2d convProj = new Conv2d(3, 192, 16, o -> o.stride(16));
    final Tensor classToken = parameter(Torch.randn(1, 1, 192).mul(0.02));
    final Tensor posEmbedding = parameter(Torch.randn(1, 197, 192).mul(0.02));
    final TransformerEncoder encoder =
        new TransformerEncoder(
            new TransformerEncoderLayer(
                192,
                3,
                o -> o.batchFirst(true).normFirst(true).dimFeedforward(768).activation("gelu")),
            12,
            Optional.of(new LayerNorm(192)));
    final Linear head = new Linear(192, 10);

    @Override
    public Tensor forward(Tensor input) {
      Tensor x = convProj.call(input).flatten(2).transpose(1, 2);
      Tensor first = classToken.expand(input.size(0), 1, 192);
      x = encoder.call(Torch.cat(List.of(first, x), 1).add(posEmbedding));
      return head.call(x.select(1, 0));
    }
  }

  /** A text encoder (Devlin et al. 2019): words, positions, layers with norms last, the mean. */
  static final class Encoder extends Module {
    final Embedding words = new Embedding(1000, 128);
    final Embedding positions = new Embedding(64, 128);
    final LayerNorm norm = new LayerNorm(128);
    final Dropout dropout = new Dropout(0.1);
    final TransformerEncoder layers =
        new TransformerEncoder(
            new TransformerEncoderLayer(
                128, 4, o -> o.batchFirst(true).dimFeedforward(512).activation("gelu")),
            4);
    final Linear head = new Linear(128, 10);

    @Override
    public Tensor forward(Tensor ids) {
      Tensor x = words.call(ids).add(positions.call(Torch.arange(ids.size(1))));
      return head.call(layers.call(dropout.call(norm.call(x))).mean(1));
    }
  }

  /** Radford et al. 2019: causal attention, GELU by tanh, the words' weights at the end again. */
  static final class Decoder extends Module {
    private static final int SIZE = 128;

    private static final class Layer extends Module {
      final LayerNorm ln1 = new LayerNorm(SIZE);
      final Linear attention = new Linear(SIZE, 3 * SIZE);
      final Linear project = new Linear(SIZE, SIZE);
      final LayerNorm ln2 = new LayerNorm(SIZE);
      final Linear up = new Linear(SIZE, 4 * SIZE);
      final Linear down = new Linear(4 * SIZE, SIZE);

      @Override
      public Tensor forward(Tensor input) {
        long n = input.size(0);
        long t = input.size(1);
        Tensor qkv = attention.call(ln1.call(input)).reshape(n, t, 3, 4, 32).permute(2, 0, 3, 1, 4);
        Tensor mixed =
            F.scaledDotProductAttention(
                    qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2), Optional.empty(), 0, true)
                .output();
        Tensor x = input.add(project.call(mixed.transpose(1, 2).reshape(n, t, SIZE)));
        return x.add(down.call(F.gelu(up.call(ln2.call(x)), true)));
      }
    }

    final Embedding wte = new Embedding(500, SIZE);
    final Embedding wpe = new Embedding(64, SIZE);
    final ModuleList<Layer> h = new ModuleList<>(List.of(new Layer(), new Layer(), new Layer()));
    final LayerNorm lnF = new LayerNorm(SIZE);

    @Override
    public Tensor forward(Tensor ids) {
      Tensor x = wte.call(ids).add(wpe.call(Torch.arange(ids.size(1))));
      for (Layer layer : h) {
        x = layer.call(x);
      }
      return lnF.call(x).matmul(wte.weight.t());
    }
  }

  /** Two layers in both directions; the mean of the states. */
  static final class Words extends Module {
    final Embedding words = new Embedding(500, 64);
    final LSTM lstm =
        new LSTM(64, 96, o -> o.batchFirst(true).numLayers(2).bidirectional(true).dropout(0.3));
    final Linear head = new Linear(192, 10);

    @Override
    public Tensor forward(Tensor ids) {
      return head.call(lstm.call(words.call(ids)).mean(1));
    }
  }

  /** Ronneberger et al. 2015 with batch norms and padded convolutions, a quarter as wide. */
  static final class UNet extends Module {
    final Sequential down1 = twice(3, 16);
    final Sequential down2 = twice(16, 32);
    final Sequential down3 = twice(32, 64);
    final Sequential middle = twice(64, 128);
    final ConvTranspose2d up3 = new ConvTranspose2d(128, 64, 2, o -> o.stride(2));
    final Sequential join3 = twice(128, 64);
    final ConvTranspose2d up2 = new ConvTranspose2d(64, 32, 2, o -> o.stride(2));
    final Sequential join2 = twice(64, 32);
    final ConvTranspose2d up1 = new ConvTranspose2d(32, 16, 2, o -> o.stride(2));
    final Sequential join1 = twice(32, 16);
    final Conv2d last = new Conv2d(16, 4, 1);

    private static Sequential twice(int in, int out) {
      return new Sequential(
          new Conv2d(in, out, 3, o -> o.padding(1).bias(false)),
          new BatchNorm2d(out),
          new ReLU(),
          new Conv2d(out, out, 3, o -> o.padding(1).bias(false)),
          new BatchNorm2d(out),
          new ReLU());
    }

    @Override
    public Tensor forward(Tensor input) {
      Tensor a = down1.call(input);
      Tensor b = down2.call(F.maxPool2d(a, 2));
      Tensor c = down3.call(F.maxPool2d(b, 2));
      Tensor x = middle.call(F.maxPool2d(c, 2));
      x = join3.call(Torch.cat(List.of(c, up3.call(x)), 1));
      x = join2.call(Torch.cat(List.of(b, up2.call(x)), 1));
      x = join1.call(Torch.cat(List.of(a, up1.call(x)), 1));
      return last.call(x);
    }
  }
}
