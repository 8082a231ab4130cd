package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.AttributeProto.AttributeType;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.NodeProto;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** A node's operator, the number of its inputs and outputs, and its attributes. */
final class NodeChecker {
  private final Checker checker;
  private final Faults faults;
  private final NodeProto node;
  private final Checker.Place place;
  private final long irVersion;
  private final String where;

  NodeChecker(Checker checker, Faults faults, NodeProto node, Checker.Place place, long irVersion) {
    this.checker = checker;
    this.faults = faults;
    this.node = node;
    this.place = place;
    this.irVersion = irVersion;
    this.where = ShapeCall.describe(node);
  }

  void check() {
    if (node.getOpType().isEmpty()) {
      faults.add("node '" + node.getName() + "'", "op_type is empty");
      return;
    }
    if (node.getInputCount() == 0 && node.getOutputCount() == 0) {
      faults.add(where, "neither inputs nor outputs");
    }
    Set<String> names = new HashSet<>();
    for (AttributeProto a : node.getAttributeList()) {
      if (a.getName().isEmpty() || !names.add(a.getName())) {
        faults.add(where + ": attribute '" + a.getName() + "' without a name or twice");
      }
      holds(a);
    }
    String domain = Names.domain(node.getDomain());
    Long opset = place.opsets().get(domain);
    if (opset == null) {
      faults.add(where, "domain '" + domain + "' is not imported");
      return;
    }
    Optional<FunctionProto> function = checker.function(node);
    if (function.isPresent()) {
      call(function.get());
    } else {
      operator(domain, opset);
    }
  }

  private void operator(String domain, long opset) {
    Optional<Schema> schema = Schemas.find(domain, node.getOpType(), opset);
    if (schema.isPresent() && !schema.get().deprecated()) {
      against(schema.get());
    } else if (schema.isPresent()) {
      faults.add(where, "deprecated since set " + schema.get().since() + "; the set is " + opset);
    } else if (Schemas.isRemoved(domain, node.getOpType())) {
      faults.add(where, "an experimental operator that was removed from ONNX");
    } else if (Schemas.newest(domain).isPresent()) {
      OptionalLong first = Schemas.first(domain, node.getOpType());
      String there = first.isPresent() ? " (there from " + first.getAsLong() + " on)" : "";
      String name = domain.isEmpty() ? "ai.onnx" : domain;
      faults.add(where, "no such operator in set " + opset + " of " + name + there);
    } else if (Registry.find(domain, node.getOpType(), opset).isEmpty()) {
      faults.add(where, "domain '" + domain + "' is not ONNX's own: it cannot be checked");
    }
  }

  private void call(FunctionProto function) {
    if (node.getInputCount() > function.getInputCount()) {
      counts("inputs", node.getInputCount(), "at most " + function.getInputCount());
    }
    if (node.getOutputCount() > function.getOutputCount()) {
      counts("outputs", node.getOutputCount(), "at most " + function.getOutputCount());
    }
  }

  private void counts(String what, int got, String allowed) {
    faults.add(where, got + " " + what + "; " + node.getOpType() + " has " + allowed);
  }

  private void against(Schema schema) {
    parameters("input", node.getInputList(), schema.inputs());
    parameters("output", node.getOutputList(), schema.outputs());
    Set<Integer> counts = schema.outputCounts();
    if (!counts.isEmpty() && !counts.contains(node.getOutputCount())) {
      counts("outputs", node.getOutputCount(), counts.stream().sorted().toList() + " of them");
    }
    Set<String> given = new HashSet<>();
    for (AttributeProto a : node.getAttributeList()) {
      given.add(a.getName());
      Schema.Attribute declared = schema.attributes().get(a.getName());
      if (declared == null && !schema.open() && !a.getName().startsWith("__")) {
        faults.add(
            where,
            "no attribute '%s' in %s-%d, which has %s"
                .formatted(
                    a.getName(), schema.name(), schema.since(), schema.attributes().keySet()));
      } else if (declared != null && a.getType() != declared.type() && typed(a)) {
        faults.add(
            where, "attribute '%s' is %s; %s".formatted(a.getName(), a.getType(), declared.type()));
      }
    }
    for (Map.Entry<String, Schema.Attribute> e : schema.attributes().entrySet()) {
      if (e.getValue().required() && !given.contains(e.getKey())) {
        faults.add(where, "attribute '" + e.getKey() + "' is missing");
      }
    }
  }

  /** Version 1 of the format had no types of attributes. */
  private boolean typed(AttributeProto a) {
    return irVersion >= 2 || a.getType() != AttributeType.UNDEFINED;
  }

  private void parameters(String what, List<String> names, List<Schema.Parameter> parameters) {
    int least = Schema.least(parameters);
    int most = Schema.most(parameters);
    if (names.size() < least || names.size() > most) {
      String range = most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
      counts(what + "s", names.size(), least == most ? "" + least : range);
    }
    for (int i = 0; i < names.size(); i++) {
      int at = i;
      Schema.at(parameters, i)
          .filter(p -> names.get(at).isEmpty() && p.presence() == Schema.Presence.ONCE)
          .ifPresent(p -> faults.add(where, what + " " + at + " (" + p.name() + ") is left out"));
    }
  }

  /** One value, of the type it says, or a reference to an attribute of the function around. */
  private void holds(AttributeProto a) {
    String attribute = where + ": attribute '" + a.getName() + "'";
    EnumSet<AttributeType> values = values(a);
    if (!a.getRefAttrName().isEmpty()) {
      if (place.attributes().isEmpty()) {
        faults.add(attribute, "refers to '" + a.getRefAttrName() + "', but is in no function");
      } else if (!place.attributes().get().contains(a.getRefAttrName())) {
        faults.add(attribute, "the function has no attribute '" + a.getRefAttrName() + "'");
      }
      if (!values.isEmpty()) {
        faults.add(attribute, "a reference that holds a value, too");
      }
      return;
    }
    if (a.getType() == AttributeType.UNDEFINED && irVersion >= 2) {
      faults.add(attribute + " holds no UNDEFINED");
      return;
    }
    if (values.size() > 1) {
      faults.add(attribute, "holds " + values + "; one of them");
    } else if (a.getType() != AttributeType.UNDEFINED) {
      boolean needed =
          switch (a.getType()) {
            case TENSOR, GRAPH, SPARSE_TENSOR, TYPE_PROTO -> true;
            default -> !values.isEmpty();
          };
      if (needed && !values.contains(a.getType())) {
        faults.add(attribute + " holds no " + a.getType());
      }
    }
  }

  private static EnumSet<AttributeType> values(AttributeProto a) {
    EnumSet<AttributeType> values = EnumSet.noneOf(AttributeType.class);
    add(values, a.hasF(), AttributeType.FLOAT);
    add(values, a.hasI(), AttributeType.INT);
    add(values, a.hasS(), AttributeType.STRING);
    add(values, a.hasT(), AttributeType.TENSOR);
    add(values, a.hasG(), AttributeType.GRAPH);
    add(values, a.hasTp(), AttributeType.TYPE_PROTO);
    add(values, a.hasSparseTensor(), AttributeType.SPARSE_TENSOR);
    add(values, a.getFloatsCount() > 0, AttributeType.FLOATS);
    add(values, a.getIntsCount() > 0, AttributeType.INTS);
    add(values, a.getStringsCount() > 0, AttributeType.STRINGS);
    add(values, a.getTensorsCount() > 0, AttributeType.TENSORS);
    add(values, a.getGraphsCount() > 0, AttributeType.GRAPHS);
    add(values, a.getSparseTensorsCount() > 0, AttributeType.SPARSE_TENSORS);
    add(values, a.getTypeProtosCount() > 0, AttributeType.TYPE_PROTOS);
    return values;
  }

  private static void add(EnumSet<AttributeType> values, boolean there, AttributeType type) {
    if (there) {
      values.add(type);
    }
  }
}
