package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A model's own functions, imported and simplified. */
class FunctionTest {
  private static OperatorSetIdProto set(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static NodeProto.Builder node(String domain, String type, String in, String out) {
    return NodeProto.newBuilder()
        .setDomain(domain)
        .setOpType(type)
        .addAllInput(List.of(in.split(" ")))
        .addAllOutput(List.of(out.split(" ")));
  }

  /** leaky(x) = LeakyRelu(x) with the caller's alpha, and what it takes from x. */
  private static FunctionProto.Builder leaky(long opset) {
    AttributeProto alpha =
        AttributeProto.newBuilder()
            .setName("alpha")
            .setType(AttributeProto.AttributeType.FLOAT)
            .setRefAttrName("slope")
            .build();
    return FunctionProto.newBuilder()
        .setName("Leaky")
        .setDomain("own")
        .addInput("x")
        .addOutput("y")
        .addOutput("lost")
        .addAttribute("slope")
        .addOpsetImport(set("", opset))
        .addNode(node("", "LeakyRelu", "x", "y").addAttribute(alpha))
        .addNode(node("", "Sub", "y x", "lost"));
  }

  private static ModelProto twice(long opset) {
    Graphs graphs = new Graphs().input("x", 2, 3).output("y", 2, 3);
    for (String[] names : new String[][] {{"x", "a", "b"}, {"a", "y0", "c"}}) {
      graphs.graph.addNode(
          node("own", "Leaky", names[0], names[1] + " " + names[2])
              .addAttribute(ExportGraph.attribute("slope", 0.25)));
    }
    graphs.node("Sum", "sum", "y0 b c", "y");
    return graphs.model().toBuilder()
        .addOpsetImport(set("own", 1))
        .addFunctions(leaky(opset))
        .build();
  }

  /** Where the operator sets differ, the function stays one. */
  @Test
  void functionsAreExpandedWhereTheyMeanTheSame() {
    Tensor x = TestData.waves(2, 3);
    Tensor once = Torch.where(x.lt(0), x.mul(0.25), x);
    Tensor again = Torch.where(x.lt(0), x.mul(0.0625), x);
    Tensor expected = again.add(once.sub(x)).add(again.sub(once));
    for (long opset : new long[] {17, 16}) {
      ModelProto model = twice(opset);
      ExternalData none = new ExternalData(Optional.empty());
      Simplifier.Result result = Simplifier.simplify(model, "m", none, new SimplifyOptions());
      boolean same = opset == 17;
      assertEquals(same ? 0 : 1, result.model().getFunctionsCount());
      assertEquals(
          same
              ? Map.of("LeakyRelu", 2, "Sub", 2, "Sum", 1)
              : Map.of("own.Leaky", 2, "LeakyRelu", 1, "Sub", 1, "Sum", 1),
          result.report().after());
      Tensor got = Onnx.module(result.model(), "m", none).forward(x);
      assertTrue(TestData.largestDifference(expected, got) < 1e-6);
    }
  }

  /** A function that calls itself in a body is refused, by name. */
  @Test
  void circlesThroughBodiesAreRefused() {
    Graphs body = new Graphs();
    body.graph.addNode(node("own", "Leaky", "x", "z"));
    body.output("z");
    FunctionProto.Builder circle =
        leaky(17)
            .clearNode()
            .clearOutput()
            .addOutput("y")
            .addNode(
                node("", "If", "x", "y")
                    .addAttribute(Graphs.body("then_branch", body))
                    .addAttribute(Graphs.body("else_branch", body)));
    Graphs graphs = new Graphs().weight("x", Torch.ones(DType.BOOL)).output("y");
    graphs.graph.addNode(node("own", "Leaky", "x", "y"));
    ModelProto model =
        graphs.model().toBuilder().addOpsetImport(set("own", 1)).addFunctions(circle).build();
    ExternalData none = new ExternalData(Optional.empty());
    for (Runnable reader :
        List.<Runnable>of(
            () -> Onnx.module(model, "m", none), () -> ModelEdit.of(model, "m", none))) {
      String message = assertThrows(TorchException.class, reader::run).getMessage();
      assertTrue(message.contains("in a circle"), message);
    }
  }
}
