package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.InitEntries;
import dev.flambeau.torch.catalog.ModuleCatalog;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.init.Init;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Initializers of parameters, and the values modules start with. */
final class InitSection implements Section {
  /** With so many elements, moments are within some percent. */
  private static final long ELEMENTS = 12_000;

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
    Torch.manualSeed(20);
    if (c.field("error") == null) {
      return compare(file, c);
    }
    try {
      compare(file, c);
      return List.of("accepted, expected an error");
    } catch (TorchException | Arguments.WrongType e) {
      return List.of();
    }
  }

  private List<String> compare(CaseFile file, Case c) {
    Differences differences = new Differences(1e-12);
    switch (subject(file)) {
      case "calculate_gain" -> {
        Map<String, Object> call = c.values().named(named(c, "nonlinearity", "param"));
        double gain = InitEntries.gain(new Arguments(null, List.of(), call));
        differences.close("gain", gain, c.number("gain").orElse(Double.NaN));
      }
      case "_calculate_fan_in_and_fan_out" -> {
        Tensor t = Torch.empty(shape(c));
        differences.equal("fan in", Init.fan(t, Init.Fan.IN), c.field("fan_in"));
        differences.equal("fan out", Init.fan(t, Init.Fan.OUT), c.field("fan_out"));
      }
      case "default module initialisation" -> module(file, c, differences);
      case String name -> function(file, c, name, differences);
    }
    return differences.found();
  }

  private static Map<String, Object> named(Case c, String... names) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (String name : names) {
      all.put(name, c.field(name));
    }
    return all;
  }

  private static long[] shape(Case c) {
    return numbers(c.get("shape", List.class));
  }

  private static long[] numbers(List<?> list) {
    return list.stream().mapToLong(n -> (Long) n).toArray();
  }

  private static void function(CaseFile file, Case c, String name, Differences differences) {
    BiFunction<Tensor, Arguments, Tensor> init =
        InitEntries.find(name)
            .orElseThrow(() -> new Arguments.NotSupported("torch.nn.init." + name));
    Distribution wanted = new Distribution(file, c.get("expect", Map.class));
    Supplier<Tensor> draw =
        () -> {
          Arguments a = c.values().arguments(List.of(), c.get("kwargs", Map.class));
          Tensor t = init.apply(Torch.empty(shape(c)), a);
          a.finish();
          return t;
        };
    Tensor first = draw.get();
    wanted.check(name, first, differences);
    wanted.checkMoments(name, pool(first, draw), differences);
  }

  /** The elements of so many draws that there are enough. */
  private static Tensor pool(Tensor first, Supplier<Tensor> draw) {
    List<Tensor> all = new ArrayList<>(List.of(first.detach().ravel()));
    for (long n = first.numel(); n > 0 && n < ELEMENTS; n += first.numel()) {
      all.add(draw.get().detach().ravel());
    }
    return Torch.cat(all, 0);
  }

  private static void module(CaseFile file, Case c, Differences differences) {
    Supplier<Module> make =
        () ->
            ModuleCatalog.make(
                c.get("class", String.class),
                c.values().arguments(c.get("args", List.class), c.get("kwargs", Map.class)));
    Module module = make.get();
    Map<String, Tensor> state = module.stateDict();
    List<String> keys = new ArrayList<>();
    for (Object pair : c.get("keys", List.class)) {
      String key = (String) ((List<?>) pair).get(0);
      keys.add(key);
      if (state.containsKey(key)) {
        long[] sizes = numbers((List<?>) ((List<?>) pair).get(1));
        differences.equal(key, state.get(key).shape().toString(), Arrays.toString(sizes));
      }
    }
    differences.equal("keys", List.copyOf(state.keySet()), keys);
    if (!differences.found().isEmpty()) {
      return;
    }
    List<Map<String, Tensor>> states = new ArrayList<>(List.of(state));
    while (states.size() < 60) {
      states.add(make.get().stateDict());
    }
    Map<?, ?> expected = c.get("state", Map.class);
    expected.forEach(
        (key, expect) -> {
          Distribution wanted = new Distribution(file, (Map<?, ?>) expect);
          wanted.check((String) key, state.get(key), differences);
          List<Tensor> all = states.stream().map(s -> s.get(key).ravel()).toList();
          wanted.checkMoments((String) key, Torch.cat(all, 0), differences);
        });
  }
}
