package dev.flambeau.torch.train;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.data.DataLoader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a training needs to go on, as one tree.
 *
 * @param <B> a batch
 */
record TrainingState<B>(
    Trainer<B> trainer,
    DataLoader<B> train,
    Optional<DataLoader<B>> validation,
    Progress progress) {
  static final String EPOCH_START = "epoch_start_generator";

  private static final String DEFAULT = "default";

  Map<String, Object> save(Tensor atEpochStart) {
    TrainerOptions options = trainer.options();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("version", 1);
    tree.put("epoch", progress.epoch);
    tree.put("batch", progress.batch);
    tree.put("batches", progress.batches());
    tree.put("step", progress.step);
    tree.put("means", progress.means.stateDict());
    tree.put("history", progress.history.stream().map(EpochResult::toMap).toList());
    // Within an epoch its order has to be drawn again.
    tree.put("loader_epoch", train.epoch() - (progress.batch > 0 ? 1 : 0));
    tree.put("validation_epoch", validation.map(DataLoader::epoch).orElse(0L));
    Map<String, Object> generators = new LinkedHashMap<>();
    generators.put(DEFAULT, Generator.getDefault().state());
    options.generators.forEach((name, g) -> generators.put("own." + name, g.state()));
    tree.put("generators", generators);
    tree.put(EPOCH_START, atEpochStart);
    tree.put("model", trainer.model().stateDict());
    tree.put("optimizer", trainer.optimizer().stateDict());
    tree.put("precision", options.precision.stateDict());
    Map<String, Object> states = new LinkedHashMap<>();
    options.states.forEach((name, state) -> states.put(name, state.stateDict()));
    tree.put("states", states);
    return tree;
  }

  void load(Map<String, Object> tree) {
    TrainerOptions options = trainer.options();
    if (!Long.valueOf(1).equals(tree.get("version"))) {
      throw wrong("version", tree.get("version"), "1");
    }
    long batches = integer(tree, "batches");
    if (batches != progress.batches()) {
      throw wrong("batches in an epoch", progress.batches(), batches + ", as in the checkpoint");
    }
    Map<String, Object> states = map(tree, "states");
    if (!states.keySet().equals(options.states.keySet())) {
      throw wrong("states", options.states.keySet(), states.keySet() + ", as in the checkpoint");
    }
    trainer.model().loadStateDict(tensors(map(tree, "model")));
    trainer.optimizer().loadStateDict(map(tree, "optimizer"));
    options.precision.loadStateDict(map(tree, "precision"));
    options.states.forEach((name, state) -> state.loadStateDict(map(states, name)));
    progress.epoch = Math.toIntExact(integer(tree, "epoch"));
    progress.batch = integer(tree, "batch");
    progress.step = integer(tree, "step");
    progress.means.loadStateDict(map(tree, "means"));
    progress.history.clear();
    for (Object epoch : (List<?>) tree.get("history")) {
      progress.history.add(EpochResult.fromMap((Map<?, ?>) epoch));
    }
    train.epoch(integer(tree, "loader_epoch"));
    validation.ifPresent(loader -> loader.epoch(integer(tree, "validation_epoch")));
    // Last: nothing above may draw from them.
    Map<String, Tensor> generators = tensors(map(tree, "generators"));
    options.generators.forEach(
        (name, generator) -> generator.setState(required(generators.get("own." + name), name)));
    Generator.getDefault().setState(required(generators.get(DEFAULT), DEFAULT));
  }

  private static Tensor required(Tensor state, String name) {
    if (state == null) {
      throw wrong("generator", name, "one of those in the checkpoint");
    }
    return state;
  }

  private static long integer(Map<String, Object> tree, String key) {
    if (tree.get(key) instanceof Long value && value >= 0) {
      return value;
    }
    throw wrong(key, tree.get(key), "an integer, 0 or more");
  }

  private static Map<String, Object> map(Map<String, Object> tree, String key) {
    if (!(tree.get(key) instanceof Map<?, ?> found)) {
      throw wrong(key, tree.get(key), "a map");
    }
    Map<String, Object> map = new LinkedHashMap<>();
    found.forEach((name, value) -> map.put((String) name, value));
    return map;
  }

  private static Map<String, Tensor> tensors(Map<String, Object> map) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    map.forEach(
        (name, value) -> {
          if (!(value instanceof Tensor t)) {
            throw wrong(name, value, "a tensor");
          }
          tensors.put(name, t);
        });
    return tensors;
  }

  private static TorchException wrong(String argument, Object got, String allowed) {
    return TorchException.argument("Trainer checkpoint", argument, got, allowed);
  }
}
