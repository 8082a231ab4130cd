package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The generator gives PyTorch's numbers for PyTorch's seeds. */
class RandomStreamsTest {
  @Test
  void equalPyTorchs() {
    List<String> failures = new ArrayList<>();
    int[] compared = {0};
    Pack.files("nn/rng")
        .forEach(
            file -> {
              Pack pack = Pack.read(file);
              for (JsonNode c : pack.cases()) {
                Torch.manualSeed(c.get("seed").asLong());
                for (int i = 0; i < c.get("calls").size(); i++) {
                  JsonNode call = c.get("calls").get(i);
                  Tensor got = call(call.get("fn").asText(), call.get("args"));
                  Tensor wanted = pack.tensor(c.get("outputs").get(i));
                  double tolerance = tolerance(call, got);
                  String difference = Pack.difference(got, wanted, 0, tolerance);
                  compared[0]++;
                  if (!difference.isEmpty()) {
                    failures.add(c.get("id").asText() + " call " + i + ": " + difference);
                  }
                }
              }
            });
    System.out.println("random streams: " + compared[0] + " calls compared");
    assertTrue(compared[0] > 0, "no calls found");
    assertEquals(List.of(), failures);
  }

  /** PyTorch's vectorized logarithm and cosine in F32 blocks of 16 round differently. */
  private static double tolerance(JsonNode call, Tensor got) {
    boolean blocks =
        call.get("fn").asText().startsWith("randn")
            && got.dtype() == DType.F32
            && got.numel() >= 16;
    return blocks ? 1e-6 : Double.MIN_NORMAL;
  }

  private static Tensor call(String function, JsonNode args) {
    DType type = DType.valueOf(args.path("dtype").asText("I64"));
    return switch (function) {
      case "rand" -> Torch.rand(type, Pack.longs(args.get("size")));
      case "randn" -> Torch.randn(type, Pack.longs(args.get("size")));
      case "randint" ->
          Torch.empty(type, Pack.longs(args.get("size")))
              .random_(args.get("low").asLong(), args.get("high").asLong());
      case "randperm" -> Torch.randperm(args.get("n").asLong());
      default -> throw new IllegalArgumentException("unknown function " + function + " " + args);
    };
  }

  @Test
  void oneSeedOneStream() {
    Generator a = new Generator(7);
    Generator b = new Generator(7L | 1L << 32);
    for (int i = 0; i < 2000; i++) {
      assertEquals(a.bits32(), b.bits32());
    }
    a.normal();
    a.manualSeed(7);
    b.manualSeed(7);
    assertEquals(b.normal(), a.normal(), "a seed drops the kept normal number");
  }
}
