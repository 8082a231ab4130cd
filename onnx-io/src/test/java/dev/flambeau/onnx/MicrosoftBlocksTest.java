package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;
import static dev.flambeau.onnx.ElementType.FLOAT16;
import static dev.flambeau.onnx.ElementType.INT4;
import static dev.flambeau.onnx.ElementType.UINT4;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights of a few bits in blocks against ONNX Runtime. */
class MicrosoftBlocksTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(10);
  }

  @AfterAll
  static void print() {
    System.out.println(Twin.table());
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes);
  }

  private static Tensor bytes(long... sizes) {
    return Torch.randint(0, 256, sizes).to(DType.U8);
  }

  private static Twin product(long n, long k, long block, int bits) {
    Twin t = Twin.of("MatMulNBits").set("N", n).set("K", k);
    return t.set("block_size", block).set("bits", bits);
  }

  /** Sizes with whole blocks and with a last one that is filled up. */
  @Test
  void products() {
    long n = 6;
    for (int bits : new int[] {2, 4, 8}) {
      for (long[] size : new long[][] {{64, 16}, {72, 32}, {96, 32}, {256, 128}}) {
        long k = size[0];
        long block = size[1];
        long blocks = Math.ceilDiv(k, block);
        for (int zeros = 0; zeros < (bits == 8 ? 2 : 3); zeros++) {
          Twin t = product(n, k, block, bits).in(random(2, 3, k));
          t.held(bytes(n, blocks, block * bits / 8), random(n, blocks));
          t = zeros == 0 ? t.skip(1) : t;
          t = zeros == 1 ? t.held(bytes(n, Math.ceilDiv(blocks * bits, 8))) : t;
          t = zeros == 2 ? t.held(Torch.rand(n, blocks).mul(1 << bits)) : t;
          t = zeros == 0 ? t.skip(1).held(random(n)) : t;
          t.out(FLOAT).agree();
        }
      }
    }
  }

  @Test
  void productsOtherForms() {
    long n = 6;
    long k = 64;
    Tensor order = Torch.arange(k).remainder(4).to(DType.I32);
    Twin t = product(n, k, 16, 4).in(random(3, k)).held(bytes(n, 4, 8), random(n, 4));
    t.skip(1).held(order).out(FLOAT).agree();
    t = product(n, k, 16, 4).in(random(3, k)).held(bytes(n, 4, 8), random(n, 4));
    t.held(Torch.rand(n, 4).mul(16), order).out(FLOAT).agree();
    t = product(n, k, 16, 4).in(random(3, k)).held(bytes(n, 4, 8), random(4 * n));
    t.held(bytes(2 * n)).out(FLOAT).agree();
    t = product(n, k, 16, 4).in(random(3, k).to(DType.F16)).held(bytes(n, 4, 8));
    t.held(random(n, 4).to(DType.F16), bytes(n, 2)).out(FLOAT16).agree();
  }

  /**
   * What ONNX Runtime's CPU provider lacks: zero points as floats for 8 bits, and packed ones where
   * columns say which scale they take (it reads the middle of the range instead).
   */
  @Test
  void productsByFormula() {
    long n = 6;
    long k = 64;
    Tensor a = random(3, k);
    Tensor codes = bytes(n, k);
    Tensor scales = random(n, 4);
    Tensor zeros = bytes(n, 4);
    Tensor order = Torch.arange(k).remainder(4);
    Tensor whole = codes.to(DType.F32);
    Tensor w = whole.sub(spread(zeros)).mul(spread(scales));
    Twin t = product(n, k, 16, 8).in(a).held(codes.reshape(n, 4, 16), scales);
    t.held(zeros.to(DType.F32)).out(FLOAT).matches(a.matmul(w.t()));
    Tensor mixed = zeros.to(DType.F32).indexSelect(1, order);
    w = whole.sub(mixed).mul(scales.indexSelect(1, order));
    t = product(n, k, 16, 8).in(a).held(codes.reshape(n, 4, 16), scales);
    t.held(zeros, order.to(DType.I32)).out(FLOAT).matches(a.matmul(w.t()));
  }

  private static Tensor spread(Tensor each) {
    return each.to(DType.F32).repeatInterleave(16, 1);
  }

  @Test
  void normalFloats() {
    for (int type = 0; type < 2; type++) {
      for (long[] size : new long[][] {{6, 64, 16}, {5, 36, 64}}) {
        long count = size[0] * size[1];
        Twin t = Twin.of("MatMulBnb4").set("N", size[0]).set("K", size[1]);
        t.set("block_size", size[2]).set("quant_type", type).in(random(2, 3, size[1]));
        t.held(bytes(Math.ceilDiv(count, 2)), Torch.rand(Math.ceilDiv(count, size[2])));
        t.out(FLOAT).agree();
      }
    }
    Tensor a = random(3, 6);
    Tensor packed = bytes(6 * 32);
    Tensor scales = Torch.rand(24);
    Twin t =
        Twin.of("MatMulBnb4").set("N", 6).set("K", 64).set("block_size", 16).set("quant_type", 1);
    Tensor weight =
        t.in(Torch.eye(64)).held(packed, scales).out(FLOAT).theirs().get("out0").orElseThrow();
    t = Twin.of("MatMulBnb4").set("N", 6).set("K", 64).set("block_size", 16).set("quant_type", 1);
    t.set("transB", 0).in(a).held(packed, scales).out(FLOAT).matches(a.matmul(weight.t()));
  }

  private static Twin rows(long gather, long along) {
    Twin t = Twin.of("GatherBlockQuantized").set("block_size", 16);
    return t.set("gather_axis", gather).set("quantize_axis", along);
  }

  @Test
  void gathers() {
    Tensor index = Torch.tensor(new long[] {3, 0, 1, -1, 2, 2}, 2, 3);
    for (ElementType type : List.of(INT4, UINT4)) {
      DType stored = type.stored().orElseThrow();
      long low = type == INT4 ? -8 : 0;
      for (int zeros = 0; zeros < 2; zeros++) {
        Twin t = rows(0, 1).held(Torch.randint(low, low + 16, 5, 40).to(stored), type);
        t.in(index).held(random(5, 3));
        t = zeros == 0 ? t : t.held(Torch.randint(low, low + 16, 5, 3).to(stored), type);
        t.out(FLOAT).agree();
        t = rows(1, 0).held(Torch.randint(low, low + 16, 32, 4, 3).to(stored), type);
        t.in(index.to(DType.I32)).held(random(2, 4, 3));
        t = zeros == 0 ? t : t.held(Torch.randint(low, low + 16, 2, 4, 3).to(stored), type);
        t.out(FLOAT).agree();
      }
    }
    for (int bits : new int[] {2, 4, 8}) {
      for (int zeros = 0; zeros < 2; zeros++) {
        Twin t = rows(0, 1).set("bits", bits).held(bytes(5, 48 * bits / 8)).in(index);
        t.held(random(5, 3));
        t = zeros == 0 ? t : t.held(bytes(5, Math.ceilDiv(3 * bits, 8)));
        t.out(FLOAT).agree();
      }
    }
    Twin t = rows(0, 1).set("bits", 4).held(bytes(5, 24)).in(index);
    t.held(random(5, 3).to(DType.F16)).out(FLOAT16).agree();
  }

  /** What is packed is read back, whatever the number of codes. */
  @Test
  void packing() {
    for (int bits : new int[] {2, 4, 8}) {
      for (long count : new long[] {0, 1, 3, 8, 17}) {
        Tensor codes = Torch.randint(0, 1 << bits, 3, count).to(DType.U8);
        Tensor packed = BlockQuantized.packed(codes, bits);
        assertEquals(Math.ceilDiv(count * bits, 8), packed.size(1));
        Tensor again = BlockQuantized.unpacked(packed, bits, count);
        assertTrue(again.equalTo(codes), bits + " bits, " + count);
      }
    }
  }

  /** Exported, a packed weight is one of floats. */
  @Test
  void exportedAsFloats(@TempDir Path folder) throws Exception {
    Twin t = kept(6, 64).out(FLOAT);
    OnnxModule module = t.load();
    Tensor x = t.feed().get("in0");
    Path file = folder.resolve("floats.onnx");
    Onnx.export(module, List.of(x), file, o -> {});
    Tensor wanted = t.theirs().get("out0").orElseThrow();
    try (Peer peer = new Peer(file)) {
      String input = Onnx.load(file).inputs().getFirst();
      double gap = TestData.largestDifference(wanted, peer.run(Map.of(input, x)));
      assertEquals(0, gap, 1e-4 * wanted.abs().amax().item());
    }
  }

  private static Twin kept(long n, long k) {
    return product(n, k, 16, 4).in(random(3, k)).held(bytes(n, k / 16, 8), random(n, k / 16));
  }

  /** Weights are unpacked once, and anew when a constant was written to or is trained. */
  @Test
  void unpackedOnce(@TempDir Path folder) throws IOException {
    Twin t = kept(6, 64).out(FLOAT);
    OnnxModule module = t.load();
    Tensor x = t.feed().get("in0");
    Tensor first = module.forward(x);
    try (var scope = Scope.open()) {
      assertTrue(scope.keep(module.forward(x)).equalTo(first));
    }
    assertTrue(module.forward(x).equalTo(first));
    module.constants().get("in2").mul_(2);
    assertEquals(0, TestData.largestDifference(first.mul(2), module.forward(x)), 1e-4);

    Path file = Files.write(folder.resolve("kept.onnx"), t.bytes());
    OnnxModule trained = Onnx.load(file, o -> o.trained("in2"));
    assertEquals(List.of("in2"), List.copyOf(trained.namedParameters().keySet()));
    Tensor loss = trained.forward(x).square().sum();
    loss.backward();
    Tensor scales = trained.getParameter("in2");
    Tensor slope = scales.grad().orElseThrow();
    Torch.noGrad(() -> scales.sub_(slope.mul(1e-5)));
    assertTrue(trained.forward(x).square().sum().item() < loss.item());
  }
}
