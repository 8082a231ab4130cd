package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.List;

/** Convolutions: see {@link Convolution}. */
final class ExportConvolutions {
  private ExportConvolutions() {}

  private static List<AttributeProto> attributes(ExportCall c, Window w, long groups) {
    List<Long> kernel = new ArrayList<>();
    for (int i = 2; i < c.meta(1).rank(); i++) {
      kernel.add(c.meta(1).size(i));
    }
    List<Long> pads = new ArrayList<>(w.padding());
    pads.addAll(w.paddingEnd());
    List<AttributeProto> out = new ArrayList<>();
    out.add(attribute("dilations", w.dilation()));
    out.add(attribute("group", groups));
    out.add(attribute("kernel_shape", kernel));
    out.add(attribute("pads", pads));
    out.add(attribute("strides", w.stride()));
    return out;
  }

  static String plain(ExportCall c, Conv op) {
    AttributeProto[] all = attributes(c, op.window(), op.groups()).toArray(AttributeProto[]::new);
    return c.graph().node("Conv", c.names(), all);
  }

  static String transposed(ExportCall c, ConvTranspose op) {
    Window w = op.window();
    List<AttributeProto> all = attributes(c, w, op.groups());
    List<Long> extra = new ArrayList<>();
    for (int i = 0; i < w.axes(); i++) {
      int axis = i + 2;
      long reach = w.dilation().get(i) * (c.meta(1).size(axis) - 1) + 1;
      long[] in = c.shape(0).get(axis);
      long[] out = c.resultShape(0).get(axis);
      for (int k = 0; k < in.length; k++) {
        long plain =
            (in[k] - 1) * w.stride().get(i) + reach - w.padding().get(i) - w.paddingEnd().get(i);
        if (k == 0) {
          extra.add(out[k] - plain);
        } else if (out[k] - plain != extra.getLast()) {
          throw new ExportGraph.Hole("an output's padding that follows an open size");
        }
      }
    }
    all.add(attribute("output_padding", extra));
    return c.graph().node("ConvTranspose", c.names(), all.toArray(AttributeProto[]::new));
  }
}
