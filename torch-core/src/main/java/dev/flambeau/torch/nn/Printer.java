package dev.flambeau.torch.nn;

import java.util.Map;

/** Modules as text, in PyTorch's form. */
final class Printer {
  private Printer() {}

  static String print(Module module) {
    StringBuilder out = new StringBuilder(module.typeName()).append('(');
    Map<String, Module> children = module.allChildren();
    String attributes = module.describe();
    if (children.isEmpty()) {
      return out.append(attributes).append(')').toString();
    }
    if (!attributes.isEmpty()) {
      out.append("\n  ").append(attributes);
    }
    children.forEach(
        (name, child) ->
            out.append("\n  (")
                .append(name)
                .append("): ")
                .append(child.toString().replace("\n", "\n  ")));
    return out.append("\n)").toString();
  }
}
