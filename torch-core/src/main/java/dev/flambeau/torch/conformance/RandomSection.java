package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.catalog.Arguments;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Random streams: calls after a seed. */
final class RandomSection implements Section {
  @Override
  public String subject(CaseFile file) {
    return file.text("function");
  }

  @Override
  public Optional<String> reasonAgainst(CaseFile file, Case c) {
    return Optional.empty();
  }

  @Override
  public List<String> run(CaseFile file, Case c) {
    List<Tensor> wanted = c.outputs();
    Torch.manualSeed(c.get("seed", Long.class));
    // PyTorch's vectorized logarithm and cosine in F32 blocks of 16 round differently.
    Differences blocks = new Differences(1e-6);
    Differences exact = new Differences(Double.MIN_NORMAL);
    int k = 0;
    for (Object call : c.get("calls", List.class)) {
      String function = file.get((Map<?, ?>) call, "fn", String.class);
      Tensor got = call(file, function, file.get((Map<?, ?>) call, "args", Map.class));
      boolean block = function.equals("randn") && got.dtype() == DType.F32 && got.numel() >= 16;
      (block ? blocks : exact).close("call " + k, got, wanted.get(k));
      k++;
    }
    return exact.found().isEmpty() ? blocks.found() : exact.found();
  }

  private static Tensor call(CaseFile file, String function, Map<?, ?> args) {
    DType type = args.get("dtype") == null ? DType.I64 : file.dtype(args.get("dtype"));
    Arguments a = new Arguments(null, List.of(), new Values(file, Tensor::copy).named(args));
    return switch (function) {
      case "rand" -> Torch.rand(type, a.longs("size"));
      case "randn" -> Torch.randn(type, a.longs("size"));
      case "randint" -> Torch.empty(type, a.longs("size")).random_(a.whole("low"), a.whole("high"));
      case "randperm" -> Torch.randperm(a.whole("n"));
      default -> throw new Arguments.NotSupported("function " + function);
    };
  }
}
