package dev.flambeau.torch.logging;

import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What TensorBoard's table of hyperparameters reads. Field numbers: plugin_data.proto and api.proto
 * of its hparams plugin.
 */
final class Hparams {
  private static final int SUCCESS = 1;

  private Hparams() {}

  /** Three summaries: what is varied and measured, this run's values, that it has ended. */
  static List<Message> summaries(Map<String, ?> values, Set<String> metrics, double now) {
    Message experiment = new Message().real(3, now);
    Message start = new Message().real(5, now);
    values.forEach(
        (name, value) -> {
          experiment.message(4, new Message().text(1, name).integer(4, type(name, value)));
          start.message(1, new Message().text(1, name).message(2, value(name, value)));
        });
    metrics.forEach(
        tag -> experiment.message(5, new Message().message(1, new Message().text(2, tag))));
    Message end = new Message().integer(1, SUCCESS).real(2, now);
    return List.of(
        summary("_hparams_/experiment", 2, experiment),
        summary("_hparams_/session_start_info", 3, start),
        summary("_hparams_/session_end_info", 4, end));
  }

  private static Message summary(String tag, int field, Message content) {
    Message plugin = new Message().text(1, "hparams");
    plugin.message(2, new Message().integer(1, 0).message(field, content));
    return new Message().text(1, tag).message(9, new Message().message(1, plugin));
  }

  private static int type(String name, Object value) {
    return switch (value) {
      case String _ -> 1;
      case Boolean _ -> 2;
      case Number _ -> 3;
      case null, default -> throw wrong(name, value);
    };
  }

  /** A google.protobuf.Value. */
  private static Message value(String name, Object value) {
    return switch (value) {
      case String s -> new Message().text(3, s);
      case Boolean b -> new Message().integer(4, b ? 1 : 0);
      case Number n -> new Message().real(2, n.doubleValue());
      case null, default -> throw wrong(name, value);
    };
  }

  private static TorchException wrong(String name, Object value) {
    return TorchException.argument("addHparams", name, value, "text, a boolean or a number");
  }
}
