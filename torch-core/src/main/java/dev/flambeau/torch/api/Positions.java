package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Index;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.IndexPut;
import dev.flambeau.torch.op.IndexTensors;
import java.util.ArrayList;
import java.util.List;

/**
 * A list of {@link Index} resolved against a tensor, as PyTorch does it: positions and slices first
 * make a view; index tensors, with null at whole axes, then pick elements of the view.
 */
record Positions(Tensor view, List<Tensor> indices) {
  private static final String NAME = "index";

  static Positions of(Tensor x, Index... list) {
    int named = 0;
    int ellipses = 0;
    for (Index index : list) {
      named +=
          switch (index) {
            case Index.At _, Index.Range _ -> 1;
            case Index.Elements e -> e.indices().dtype() == DType.BOOL ? e.indices().dim() : 1;
            case Index.Ellipsis _, Index.NewAxis _ -> 0;
          };
      ellipses += index instanceof Index.Ellipsis ? 1 : 0;
    }
    if (named > x.dim() || ellipses > 1) {
      throw TorchException.argument(
          NAME,
          "index",
          named + " dimensions and " + ellipses + " ellipses",
          "at most " + x.dim() + " dimensions and one ellipsis");
    }
    Tensor view = x;
    List<Tensor> indices = new ArrayList<>();
    for (Index index : list) {
      int axis = indices.size();
      switch (index) {
        case Index.At at -> view = view.select(axis, at.index());
        case Index.Range r -> {
          view = sliced(view, axis, r);
          indices.add(null);
        }
        case Index.NewAxis _ -> {
          view = view.unsqueeze(axis);
          indices.add(null);
        }
        case Index.Ellipsis _ -> {
          for (int i = named; i < x.dim(); i++) {
            indices.add(null);
          }
        }
        case Index.Elements e -> view = picked(view, axis, e.indices(), indices);
      }
    }
    return new Positions(view, indices);
  }

  private static Tensor sliced(Tensor view, int axis, Index.Range r) {
    boolean whole = r.start().isEmpty() && r.end().isEmpty() && r.step() == 1;
    return whole
        ? view
        : view.slice(axis, r.start().orElse(0), r.end().orElse(Long.MAX_VALUE), r.step());
  }

  /** A bool tensor stands for the positions where it is true, one index for each of its axes. */
  private static Tensor picked(Tensor view, int axis, Tensor index, List<Tensor> indices) {
    if (index.dtype() != DType.BOOL) {
      indices.add(index.dtype().isFloat() ? index : index.to(DType.I64));
      return view;
    }
    if (index.dim() == 0) {
      indices.add(index.reshape(1).nonzero().reshape(-1));
      return view.unsqueeze(axis);
    }
    for (int i = 0; i < index.dim(); i++) {
      if (index.size(i) != view.size(axis + i)) {
        throw TorchException.shape(
            NAME, "mask", index.shape(), "the sizes it masks, of " + view.shape());
      }
    }
    indices.addAll(index.nonzero().unbind(1));
    return view;
  }

  /** Whether only a view is asked for. */
  boolean isView() {
    return axes().isEmpty();
  }

  private List<Integer> axes() {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < indices.size(); i++) {
      if (indices.get(i) != null) {
        axes.add(i);
      }
    }
    return axes;
  }

  /** The index tensors, stretched to their common shape. */
  private List<Tensor> stretched() {
    Shape shape = Shape.of();
    for (int axis : axes()) {
      shape = shape.broadcast(indices.get(axis).shape(), NAME);
    }
    List<Tensor> out = new ArrayList<>();
    for (int axis : axes()) {
      out.add(indices.get(axis).expand(shape));
    }
    return out;
  }

  Tensor get() {
    if (isView()) {
      return view;
    }
    if (axes().size() == 1) {
      int axis = axes().get(0);
      Tensor index = indices.get(axis);
      long[] sizes = shape(index.shape()).sizes();
      return view.indexSelect(axis, index.reshape(-1)).reshape(sizes);
    }
    List<Tensor> inputs = stretched();
    inputs.add(0, view);
    return Dispatcher.call(new IndexTensors(axes()), inputs.toArray(Tensor[]::new));
  }

  /** A copy of the view with values, which are stretched, written or added. */
  Tensor put(Tensor values, boolean accumulate) {
    List<Tensor> inputs = stretched();
    Shape shape = shape(inputs.get(0).shape());
    inputs.add(0, view);
    inputs.add(1, values.expand(shape));
    return Dispatcher.call(new IndexPut(axes(), accumulate), inputs.toArray(Tensor[]::new));
  }

  private Shape shape(Shape index) {
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < view.dim(); i++) {
      if (i >= indices.size() || indices.get(i) == null) {
        sizes.add(view.size(i));
      }
    }
    for (int d = 0; d < index.rank(); d++) {
      sizes.add(new IndexTensors(axes()).place() + d, index.size(d));
    }
    return Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
  }
}
