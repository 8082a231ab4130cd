package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;

/**
 * What a file uses that the format's version it declares does not have yet. Source: the list of
 * versions in onnx.proto.
 */
final class VersionChecker {
  private final Faults faults;
  private final ModelProto model;

  VersionChecker(Faults faults, ModelProto model) {
    this.faults = faults;
    this.model = model;
  }

  private void since(long version, boolean used, String what) {
    if (used && model.getIrVersion() < version) {
      faults.add(
          what, "there from ir_version %d on; it is %d".formatted(version, model.getIrVersion()));
    }
  }

  void check() {
    since(7, model.getTrainingInfoCount() > 0, "training_info");
    since(8, model.getFunctionsCount() > 0, "functions");
    graph(model.getGraph());
    for (FunctionProto f : model.getFunctionsList()) {
      String where = "function " + f.getName();
      since(9, f.getAttributeProtoCount() > 0, where + ", defaults of attributes");
      since(10, !f.getOverload().isEmpty(), where + ", overload");
      since(10, f.getMetadataPropsCount() > 0, where + ", metadata_props");
      since(10, f.getValueInfoCount() > 0, where + ", value_info");
      f.getNodeList().forEach(this::node);
    }
  }

  private void graph(GraphProto graph) {
    since(5, graph.getQuantizationAnnotationCount() > 0, "quantization_annotation");
    since(6, graph.getSparseInitializerCount() > 0, "sparse_initializer");
    since(10, graph.getMetadataPropsCount() > 0, "graph, metadata_props");
    graph.getInitializerList().forEach(t -> tensor(t, "tensor '" + t.getName() + "'"));
    graph.getInputList().forEach(this::value);
    graph.getOutputList().forEach(this::value);
    graph.getValueInfoList().forEach(this::value);
    graph.getNodeList().forEach(this::node);
  }

  private void value(ValueInfoProto value) {
    String where = "value '" + value.getName() + "'";
    since(10, value.getMetadataPropsCount() > 0, where + ", metadata_props");
    type(value.getType(), where);
  }

  private void type(TypeProto type, String where) {
    switch (type.getValueCase()) {
      case TENSOR_TYPE -> element(type.getTensorType().getElemType(), where);
      case SPARSE_TENSOR_TYPE -> {
        since(8, true, where + ", a sparse tensor");
        element(type.getSparseTensorType().getElemType(), where);
      }
      case SEQUENCE_TYPE -> type(type.getSequenceType().getElemType(), where);
      case OPTIONAL_TYPE -> {
        since(8, true, where + ", an optional");
        type(type.getOptionalType().getElemType(), where);
      }
      case MAP_TYPE -> type(type.getMapType().getValueType(), where);
      case VALUE_NOT_SET -> {}
    }
  }

  private void tensor(TensorProto t, String where) {
    element(t.getDataType(), where);
    since(10, t.getMetadataPropsCount() > 0, where + ", metadata_props");
  }

  private void element(int code, String where) {
    ElementType.of(code)
        .ifPresent(
            type ->
                since(
                    switch (type) {
                      case BFLOAT16 -> 4;
                      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ -> 9;
                      case INT4, UINT4 -> 10;
                      case FLOAT4E2M1 -> 11;
                      case FLOAT8E8M0 -> 12;
                      case INT2, UINT2 -> 13;
                      default -> 1;
                    },
                    true,
                    where + ", " + type));
  }

  private void node(NodeProto node) {
    String where = ShapeCall.describe(node);
    since(10, !node.getOverload().isEmpty(), where + ", overload");
    since(10, node.getMetadataPropsCount() > 0, where + ", metadata_props");
    for (AttributeProto a : node.getAttributeList()) {
      since(6, a.hasSparseTensor() || a.getSparseTensorsCount() > 0, where + ", a sparse tensor");
      if (a.hasT()) {
        tensor(a.getT(), where + ", attribute '" + a.getName() + "'");
      }
      if (a.hasG()) {
        graph(a.getG());
      }
      a.getGraphsList().forEach(this::graph);
    }
  }
}
