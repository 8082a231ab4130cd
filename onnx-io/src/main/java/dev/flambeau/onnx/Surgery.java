package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Puts modules in the place of nodes, and cuts off what is no longer needed. */
final class Surgery {
  private static final String METHOD = "OnnxModule.replace";

  private final Block block;
  private final Scopes scopes;

  Surgery(Block block) {
    this.block = block;
    this.scopes = new Scopes(block);
  }

  /** The nodes a name means: one by its name, one by its output, or those of a part. */
  private List<Block.Step> named(String name) {
    List<Block.Step> found = new ArrayList<>();
    block.steps.stream().filter(s -> s.node().name().equals(name)).forEach(found::add);
    if (found.isEmpty() && block.names.containsKey(name)) {
      int slot = block.names.get(name);
      block.steps.stream().filter(s -> Region.writes(s).contains(slot)).forEach(found::add);
    }
    if (found.isEmpty()) {
      block.steps.stream().filter(s -> scopes.isIn(s, name)).forEach(found::add);
    }
    if (found.isEmpty()) {
      Set<String> outermost = new LinkedHashSet<>();
      scopes.parts().keySet().stream().filter(p -> !p.contains(".")).forEach(outermost::add);
      block.steps.stream()
          .map(s -> s.node().name())
          .filter(n -> !n.isEmpty())
          .forEach(outermost::add);
      throw TorchException.argument(
          METHOD,
          "name",
          "'" + name + "'",
          "a part, a node's name or an output of a node: " + Globs.some(outermost));
    }
    return found;
  }

  /** The name by which messages call a slot. */
  private String name(int slot) {
    return block.name(slot);
  }

  /** Replaces what {@code name} means by {@code forward} of a module. */
  void replace(String name, String key, UnaryOperator<List<Tensor>> forward, int wanted) {
    Region region = new Region(block, scopes, named(name));
    List<Integer> outputs = region.outputs();
    if (outputs.size() != 1) {
      throw TorchException.argument(
          METHOD,
          "name",
          "'" + name + "' with the outputs " + outputs.stream().map(this::name).toList(),
          "nodes that give one value to the rest");
    }
    int output = outputs.getFirst();
    Region behind = region.behind(output);
    List<Integer> inputs = behind.inputs();
    if (wanted >= 0 && inputs.size() != wanted || inputs.isEmpty()) {
      throw TorchException.argument(
          METHOD,
          "name",
          "'" + name + "' with the inputs " + inputs.stream().map(this::name).toList(),
          (wanted == 1 ? "one input" : "inputs") + "; give the function of several otherwise");
    }
    int at = 0;
    for (int i = 0; i < block.steps.size(); i++) {
      if (Region.writes(block.steps.get(i)).contains(output)) {
        at = i;
      }
    }
    block.steps.set(at, step(key, forward, inputs, output));
    block.steps.removeIf(behind.steps()::contains);
    prune(block);
  }

  private static Block.Step step(
      String key, UnaryOperator<List<Tensor>> forward, List<Integer> inputs, int output) {
    NodeProto proto = NodeProto.newBuilder().setOpType("Module").setName(key).build();
    Registry.Operator operator =
        call -> {
          List<Tensor> given = new ArrayList<>();
          for (int i = 0; i < inputs.size(); i++) {
            given.add(call.in(i));
          }
          return Call.plain(forward.apply(given).toArray(Tensor[]::new));
        };
    int[] reads = inputs.stream().mapToInt(Integer::intValue).toArray();
    return new Block.Step(new Node(proto), operator, reads, new int[] {output}, List.of());
  }

  /** Removes the steps and constants that no output depends on. */
  static void prune(Block block) {
    Set<Integer> needed = new HashSet<>();
    block.outputs.forEach(port -> needed.add(port.slot()));
    Set<Block.Step> kept = new HashSet<>();
    for (Block.Step step : block.steps.reversed()) {
      if (Region.writes(step).stream().anyMatch(needed::contains)) {
        kept.add(step);
        needed.addAll(Region.reads(step));
      }
    }
    block.steps.removeIf(step -> !kept.contains(step));
    block.constants.removeIf(held -> !needed.contains(held.slot()));
    block.close();
  }

  /** The constants of a block and of all bodies in it. */
  static Set<Constant> constants(Block block) {
    Set<Constant> all = new LinkedHashSet<>();
    block.constants.forEach(held -> all.add(held.constant()));
    for (Block.Step step : block.steps) {
      step.bodies().forEach(body -> all.addAll(constants(body.block())));
    }
    return all;
  }

  /** The parts with what crosses their borders. */
  List<Submodule> submodules(Map<Constant, String> parameters) {
    List<Submodule> out = new ArrayList<>();
    scopes
        .parts()
        .forEach(
            (path, steps) -> {
              Region region = new Region(block, scopes, steps);
              Set<String> used = new LinkedHashSet<>();
              for (Block.Step step : steps) {
                Set<Integer> reads = new HashSet<>(Region.reads(step));
                block.constants.stream()
                    .filter(held -> reads.contains(held.slot()))
                    .filter(held -> parameters.containsKey(held.constant()))
                    .forEach(held -> used.add(parameters.get(held.constant())));
              }
              out.add(
                  new Submodule(
                      path,
                      steps.stream().map(s -> s.node().describe()).toList(),
                      List.copyOf(used),
                      region.inputs().stream().map(this::name).toList(),
                      region.outputs().stream().map(this::name).toList()));
            });
    return out;
  }
}
