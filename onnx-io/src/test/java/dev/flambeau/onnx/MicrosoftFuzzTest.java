package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;
import static dev.flambeau.onnx.ElementType.INT32;
import static dev.flambeau.onnx.ElementType.INT64;
import static dev.flambeau.onnx.ElementType.UINT8;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged nodes of com.microsoft give a clear error or a result. */
class MicrosoftFuzzTest {
  private static final int ALL = Integer.getInteger("flambeau.fuzz", 4000);
  private static final String LIMIT = "flambeau.onnx.maxElements";

  @TempDir Path folder;

  @BeforeEach
  void limit() {
    System.setProperty(LIMIT, "300000");
  }

  @AfterEach
  void noLimit() {
    System.clearProperty(LIMIT);
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes);
  }

  private static Tensor bytes(long... sizes) {
    return Torch.randint(0, 256, sizes).to(DType.U8);
  }

  private static Tensor ints(int... values) {
    return Torch.tensor(values, values.length);
  }

  private static Tensor scale() {
    return Torch.full(DType.F32, 0.05);
  }

  private static Tensor zero() {
    return Torch.full(DType.U8, 7);
  }

  static Stream<Twin> nodes() {
    Torch.manualSeed(15);
    Twin group = Twin.of("GroupQueryAttention").set("num_heads", 4).set("kv_num_heads", 2);
    group.set("do_rotary", 1).in(random(2, 3, 32), random(2, 3, 16), random(2, 3, 16));
    group.held(random(2, 2, 4, 8), random(2, 2, 4, 8), ints(5, 4), ints(6).reshape());
    group.held(random(8, 4), random(8, 4));
    Twin lstm = Twin.of("DynamicQuantizeLSTM").set("hidden_size", 4);
    lstm.in(random(3, 2, 5)).held(bytes(1, 5, 16), bytes(1, 4, 16), random(1, 32)).skip(4);
    lstm.held(random(1), Torch.zeros(DType.U8, 1), random(1), Torch.zeros(DType.U8, 1));
    Twin mixture = Twin.of("QMoE").set("k", 2).set("block_size", 16).set("swiglu_fusion", 1);
    mixture.set("activation_type", "swiglu").in(random(3, 32), random(3, 2));
    mixture.held(bytes(2, 64, 16), random(2, 64, 2), random(2, 64), bytes(2, 32, 16));
    mixture.held(random(2, 32, 2), random(2, 32)).skip(3).held(bytes(2, 64, 1), bytes(2, 32, 1));
    Twin concat = Twin.of("QLinearConcat").set("axis", 1).held(scale(), zero());
    concat.held(bytes(2, 3), scale(), zero(), bytes(2, 2), scale(), zero());
    float[] box = {0, 0, 1, 1, 0.1f, 0.2f, 0.7f, 1.2f};
    return Stream.of(
        Twin.of("Attention")
            .set("num_heads", 2)
            .set("qkv_hidden_sizes", List.of(8, 8, 8))
            .set("unidirectional", 1)
            .in(random(2, 4, 6))
            .held(random(6, 24), random(24), ints(3, 4), random(2, 2, 2, 3, 4))
            .out(FLOAT, FLOAT),
        Twin.of("DecoderMaskedMultiHeadAttention")
            .set("num_heads", 2)
            .set("past_present_share_buffer", 1)
            .in(random(4, 1, 8), random(4, 1, 8), random(4, 1, 8))
            .held(Torch.ones(DType.I32, 4, 6), Torch.zeros(1, 2, 1, 6))
            .held(random(4, 2, 9, 4), random(4, 2, 9, 4), ints(5), ints(2))
            .held(Torch.zeros(DType.I32, 2, 2, 9), random(24))
            .out(FLOAT, FLOAT, FLOAT),
        group.out(FLOAT, FLOAT, FLOAT),
        Twin.of("MRotaryEmbedding")
            .set("mrope_section", List.of(2, 1, 1))
            .in(random(2, 3, 16))
            .held(Torch.zeros(DType.I64, 3, 2, 3), random(9, 4), random(9, 4))
            .out(FLOAT),
        Twin.of("EmbedLayerNormalization")
            .in(Torch.zeros(DType.I32, 2, 4))
            .skip(1)
            .held(random(9, 8), random(6, 8))
            .skip(1)
            .held(random(8), random(8))
            .out(FLOAT, INT32),
        Twin.of("SkipGroupNorm")
            .set("groups", 3)
            .set("activation", 1)
            .in(random(2, 4, 5, 6))
            .held(random(6), random(6), random(2, 6), random(6))
            .out(FLOAT),
        Twin.of("FusedMatMul")
            .set("transA", 1)
            .set("transBatchB", 1)
            .set("alpha", 0.5)
            .in(random(2, 3, 4, 5))
            .held(random(4, 2, 3, 6))
            .out(FLOAT),
        Twin.of("NhwcFusedConv")
            .set("activation", "Clip")
            .set("activation_params", 0, 1)
            .set("pads", List.of(1, 1, 1, 1))
            .in(random(2, 5, 6, 4))
            .held(random(3, 4, 3, 3), random(3))
            .out(FLOAT),
        Twin.of("MatMulNBits")
            .set("N", 6)
            .set("K", 40)
            .set("block_size", 16)
            .set("bits", 4)
            .in(random(3, 40))
            .held(bytes(6, 3, 8), random(6, 3), bytes(6, 2))
            .out(FLOAT),
        Twin.of("MatMulBnb4")
            .set("N", 6)
            .set("K", 32)
            .set("block_size", 16)
            .set("quant_type", 1)
            .in(random(3, 32))
            .held(bytes(96), random(12))
            .out(FLOAT),
        Twin.of("GatherBlockQuantized")
            .set("block_size", 16)
            .set("bits", 4)
            .set("gather_axis", 0)
            .set("quantize_axis", 1)
            .held(bytes(5, 24))
            .in(Torch.zeros(DType.I64, 2, 2))
            .held(random(5, 3), bytes(5, 2))
            .out(FLOAT),
        Twin.of("QAttention")
            .set("num_heads", 2)
            .held(bytes(2, 4, 6), bytes(6, 24), random(24), scale(), scale(), ints(3, 4))
            .held(zero(), zero(), random(2, 2, 2, 3, 4))
            .out(FLOAT, FLOAT),
        Twin.of("QGemm")
            .set("transA", 1)
            .set("alpha", 0.5)
            .held(
                bytes(5, 3), scale(), zero(), bytes(5, 6), scale(), zero(), ints(1, 2, 3, 4, 5, 6))
            .held(scale(), zero())
            .out(UINT8),
        lstm.out(FLOAT, FLOAT),
        mixture.out(FLOAT),
        concat.out(UINT8),
        Twin.of("QLinearAveragePool")
            .set("kernel_shape", List.of(3, 2))
            .set("pads", List.of(1, 0, 1, 1))
            .held(bytes(2, 3, 6, 5), scale(), zero(), scale(), zero())
            .out(UINT8),
        Twin.of("QLinearConv")
            .set("channels_last", 1)
            .set("strides", List.of(2, 1))
            .held(bytes(2, 6, 5, 4), scale(), zero(), bytes(3, 4, 3, 3), scale(), zero())
            .held(scale(), zero())
            .out(UINT8),
        Twin.of("CropAndResize")
            .in(random(2, 3, 6, 7))
            .held(Torch.tensor(box, 2, 4), ints(0, 1), ints(3, 4))
            .out(FLOAT),
        Twin.of("MaxpoolWithMask")
            .set("kernel_shape", List.of(3, 2))
            .set("pads", List.of(1, 0, 1, 1))
            .in(random(2, 3, 5, 6))
            .held(Torch.ones(DType.I32, 1, 1, 5, 6))
            .out(FLOAT),
        Twin.of("ConvTransposeWithDynamicPads")
            .set("strides", List.of(2, 2))
            .in(random(1, 2, 4, 4))
            .held(random(2, 3, 3, 3), Torch.tensor(new long[] {1, 0, 1, 1}, 4), random(3))
            .out(FLOAT),
        Twin.of("Irfft").set("signal_ndim", 2).in(random(3, 4, 5, 2)).out(FLOAT),
        Twin.of("RelativePositionBias")
            .set("max_distance", 20)
            .held(random(32, 3), Torch.full(DType.I64, 9, 1), Torch.full(DType.I64, 9, 1))
            .out(FLOAT),
        Twin.of("Unique").in(random(9)).out(FLOAT, INT64, INT64),
        Twin.of("UnfoldTensor").set("size", 3).set("step", 2).in(random(2, 9)).out(FLOAT),
        Twin.standard("Crop", 7)
            .set("border", List.of(1, 0, 1, 1))
            .set("scale", List.of(2, 3))
            .in(random(1, 3, 5, 6))
            .out(FLOAT));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("nodes")
  void damaged(Twin node) throws IOException {
    ModelProto model = ModelProto.parseFrom(node.bytes());
    int files = Math.ceilDiv(ALL, (int) nodes().count());
    Fuzz.fuzz(folder.resolve(node + ".onnx"), model, files, MicrosoftFuzzTest::use);
  }

  private static void use(Path file) {
    OnnxModule module = Onnx.load(file);
    List<Tensor> inputs = module.randomInputs(Map.of(), new Generator(1));
    Torch.noGrad(() -> module.run(inputs.stream().map(OnnxValue::of).toList()));
  }
}
