package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.GroupOptions;
import java.util.List;

/** The momentum of a group: its own option, or the first of Adam's betas. */
final class Momentum {
  private Momentum() {}

  static boolean has(GroupOptions<?> group) {
    return group.has("momentum") || group.has("betas");
  }

  static double get(GroupOptions<?> group) {
    return group.has("momentum") ? group.number("momentum") : group.number("betas", 0);
  }

  static void set(GroupOptions<?> group, double value) {
    if (group.has("momentum")) {
      group.set("momentum", value);
    } else {
      group.set("betas", List.of(value, group.number("betas", 1)));
    }
  }
}
