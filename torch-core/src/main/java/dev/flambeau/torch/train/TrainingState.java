package dev.flambeau.torch.train;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.data.DataLoader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    tree.put("generator", Generator.getDefault().state());
    tree.put("epoch_start_generator", atEpochStart);
    Map<String, Object> generators = new LinkedHashMap<>();
    options.generators.forEach((name, g) -> generators.put(name, g.state()));
    tree.put("generators", generators);
    tree.put("model", trainer.model().stateDict());
    tree.put("optimizer", trainer.optimizer().stateDict());
    tree.put("precision", options.precision.stateDict());
    Map<String, Object> states = new LinkedHashMap<>();
    options.states.forEach((name, state) -> states.put(name, state.stateDict()));
    tree.put("states", states);
    return tree;
  }

  /** Where the default generator was when the epoch that runs began. */
  Tensor load(Map<String, Object> saved) {
    TrainerOptions options = trainer.options();
    Tree tree = new Tree(saved);
    if (tree.integer("version") != 1) {
      throw Tree.wrong("version", tree.integer("version"), "1");
    }
    if (tree.integer("batches") != progress.batches()) {
      throw Tree.wrong(
          "batches in an epoch", tree.integer("batches"), progress.batches() + ", as the loader's");
    }
    same("states", tree.tree("states"), options.states.keySet());
    same("generators", tree.tree("generators"), options.generators.keySet());
    trainer.model().loadStateDict(tree.tree("model").tensors());
    trainer.optimizer().loadStateDict(tree.tree("optimizer").values());
    options.precision.loadStateDict(tree.tree("precision").values());
    options.states.forEach(
        (name, state) -> state.loadStateDict(tree.tree("states").tree(name).values()));
    progress.epoch = tree.small("epoch");
    progress.batch = tree.integer("batch");
    progress.step = tree.integer("step");
    progress.means.loadStateDict(tree.tree("means"));
    progress.history.clear();
    for (Object epoch : tree.list("history")) {
      progress.history.add(EpochResult.read(Tree.of("history", epoch)));
    }
    train.epoch(tree.integer("loader_epoch"));
    validation.ifPresent(loader -> loader.epoch(tree.integer("validation_epoch")));
    // Last: nothing above may draw from them.
    options.generators.forEach(
        (name, generator) -> generator.setState(tree.tree("generators").tensor(name)));
    Generator.getDefault().setState(tree.tensor("generator"));
    return tree.tensor("epoch_start_generator");
  }

  private static void same(String what, Tree saved, Set<String> here) {
    if (!saved.values().keySet().equals(here)) {
      throw Tree.wrong(what, saved.values().keySet(), here + ", as the trainer has");
    }
  }
}
