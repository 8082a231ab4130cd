package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;
import static dev.flambeau.onnx.ElementType.FLOAT16;
import static dev.flambeau.onnx.ElementType.INT32;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Normalizations of com.microsoft against ONNX Runtime, or formulas where its CPU lacks them. */
class MicrosoftNormalizationTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(7);
  }

  @AfterAll
  static void print() {
    System.out.println(Twin.table());
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes);
  }

  @Test
  void skipLayer() {
    String type = "SkipLayerNormalization";
    for (long[] skip : new long[][] {{2, 3, 8}, {1, 3, 8}, {3, 8}}) {
      for (double eps : new double[] {1e-5, 1e-2}) {
        Twin t = Twin.of(type).set("epsilon", eps).in(random(2, 3, 8), random(skip));
        t.held(random(8), random(8), random(8)).out(FLOAT).skipOut().skipOut().out(FLOAT).agree();
      }
    }
    Twin.of(type).in(random(2, 3, 8), random(2, 3, 8)).held(random(8)).out(FLOAT).agree();
    Twin.of(type).in(random(6, 8), random(6, 8)).held(random(8), random(8)).out(FLOAT).agree();
    Tensor[] half = {random(2, 3, 8).to(DType.F16), random(2, 3, 8).to(DType.F16)};
    Twin.of(type).in(half).held(random(8).to(DType.F16)).out(FLOAT16).agree();
  }

  @Test
  void skipSimplified() {
    String type = "SkipSimplifiedLayerNormalization";
    for (int bias = 0; bias < 2; bias++) {
      Twin t = Twin.of(type).set("epsilon", 1e-5).in(random(2, 3, 8), random(2, 3, 8));
      t = t.held(random(8));
      t = bias == 0 ? t : t.held(random(8));
      t.out(FLOAT).skipOut().skipOut().out(FLOAT).agree();
    }
    Tensor[] half = {random(2, 3, 8).to(DType.F16), random(2, 3, 8).to(DType.F16)};
    Twin.of(type).in(half).held(random(8).to(DType.F16)).out(FLOAT16).agree();
  }

  @Test
  void simplified() {
    for (long axis : new long[] {-1, 1, 2}) {
      Tensor scale = axis == 1 ? random(3, 8) : random(8);
      Twin t = Twin.standard("SimplifiedLayerNormalization", 17).set("axis", axis);
      t.in(random(2, 3, 8)).held(scale).out(FLOAT, FLOAT).agree();
    }
    Twin t = Twin.standard("SimplifiedLayerNormalization", 17).set("epsilon", 0.1);
    t.in(random(2, 3, 8).to(DType.F16)).held(random(8).to(DType.F16)).out(FLOAT16).agree();
  }

  private static Tensor ids(long below, long... sizes) {
    return Torch.randint(0, below, sizes).to(DType.I32);
  }

  @Test
  void embeddings() {
    for (int form = 0; form < 4; form++) {
      Twin t = Twin.of("EmbedLayerNormalization").set("epsilon", 1e-3).in(ids(9, 2, 4));
      boolean segments = form % 2 == 0;
      t = segments ? t.in(ids(2, 2, 4)) : t.skip(1);
      t.held(random(9, 8), random(6, 8));
      t = segments ? t.held(random(2, 8)) : t.skip(1);
      t.held(random(8), random(8));
      t = form < 2 ? t : t.in(ids(2, 2, 4));
      t = form == 2 ? t.in(ids(6, 1, 4)) : t;
      t.out(FLOAT, INT32);
      t = form > 1 ? t.out(FLOAT) : t;
      t.agree();
    }
  }

  @Test
  void quantizedEmbeddings() {
    for (DType type : new DType[] {DType.U8, DType.I8}) {
      for (int segments = 0; segments < 2; segments++) {
        Twin t = Twin.of("QEmbedLayerNormalization").set("epsilon", 1e-3).in(ids(9, 2, 4));
        long low = type == DType.U8 ? 0 : -128;
        t = segments == 1 ? t.in(ids(2, 2, 4)) : t.skip(1);
        for (long rows : new long[] {9, 6, 2, 0, 0}) {
          long[] sizes = rows == 0 ? new long[] {8} : new long[] {rows, 8};
          boolean given = rows != 2 || segments == 1;
          t = given ? t.held(Torch.randint(low, low + 255, sizes).to(type)) : t.skip(1);
        }
        t.in(ids(2, 2, 4));
        for (int i = 0; i < 10; i++) {
          boolean given = i % 5 != 2 || segments == 1;
          Tensor scale = Torch.full(DType.F32, 0.01 * (i + 1));
          t = !given ? t.skip(1) : t.held(i < 5 ? scale : Torch.full(type, 100 + i));
        }
        t.out(FLOAT, INT32).agree();
      }
    }
  }

  /** Not in this ONNX Runtime's CPU provider. */
  @Test
  void gatedRootMeanSquare() {
    for (long width : new long[] {4, 8}) {
      Tensor x = random(2, 3, 8);
      Tensor scale = random(width);
      Tensor gate = random(2, 3, 8);
      Twin norm = Twin.standard("SimplifiedLayerNormalization", 17).set("epsilon", 1e-2);
      norm.in(x.reshape(2, 3, -1, width), scale).out(FLOAT);
      Tensor normed = norm.theirs().get("out0").orElseThrow().reshape(2, 3, 8);
      Twin t = Twin.of("GatedRMSNorm").set("epsilon", 1e-2).in(x).held(scale).in(gate).out(FLOAT);
      t.matches(normed.mul(F.silu(gate)));
    }
  }

  /** ONNX Runtime's CPU provider has neither. */
  @Test
  void groups() {
    for (int last = 0; last < 2; last++) {
      for (int activation = 0; activation < 2; activation++) {
        Tensor x = random(2, 6, 4, 5);
        Tensor gamma = random(6);
        Tensor beta = random(6);
        Tensor bias = random(6);
        Tensor skip = random(2, 6);
        Tensor sum = x.add(skip.reshape(2, 6, 1, 1)).add(bias.reshape(6, 1, 1));
        Tensor plain = F.groupNorm(x, 3, Optional.of(gamma), Optional.of(beta), 1e-3);
        Tensor other = F.groupNorm(sum, 3, Optional.of(gamma), Optional.of(beta), 1e-3);
        group("GroupNorm", last, activation)
            .in(given(x, last), gamma, beta)
            .out(FLOAT)
            .matches(given(activation == 0 ? plain : F.silu(plain), last));
        group("SkipGroupNorm", last, activation)
            .in(given(x, last), gamma, beta, skip, bias)
            .out(FLOAT, FLOAT)
            .matches(given(activation == 0 ? other : F.silu(other), last), given(sum, last));
      }
    }
  }

  private static Twin group(String type, long last, long activation) {
    Twin t = Twin.of(type).set("groups", 3).set("epsilon", 1e-3).set("activation", activation);
    return last == 1 ? t : t.set("channels_last", 0);
  }

  private static Tensor given(Tensor x, long last) {
    return last == 1 ? x.movedim(1, 3).contiguous() : x;
  }
}
