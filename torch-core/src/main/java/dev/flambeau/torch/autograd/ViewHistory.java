package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.ViewScatter;
import dev.flambeau.torch.op.Views;
import java.util.function.Consumer;

/**
 * Gradients through views that are written to in place.
 *
 * <p>A view and its base share storage, so a write to one changes the other, and both need a new
 * place in the graph. The write itself is recorded as if it were out of place; the base then comes
 * from {@code ViewScatter(old base, result)}, and each view from a strided view of the new base.
 * Other views learn of the write by the storage's version: {@link Tensor#history} calls {@link
 * #refresh} on one that is older. So nothing has to know all views of a base.
 */
public final class ViewHistory {
  private ViewHistory() {}

  /** Hangs a view behind the present history of its base. */
  public static void refresh(Tensor view) {
    Node.record(strided(view), new Tensor[] {view.base()}, new Tensor[] {view});
  }

  private static Views.AsStrided strided(Tensor view) {
    Layout layout = view.layout();
    long offset = layout.offset() - view.base().layout().offset();
    return Views.AsStrided.of(layout.shape(), layout.strides(), offset);
  }

  /**
   * Refuses in-place changes whose gradient cannot be recorded.
   *
   * @throws TorchException for leaves that require grad and their views, and views of which nothing
   *     is known because they were made inside noGrad
   */
  public static void checkWritable(String operator, Tensor target) {
    Tensor base = target.base();
    if (target.isLeaf() && target.requiresGrad()) {
      throw TorchException.gradient(
          operator + "_: a leaf that requires grad is changed in place; do it inside noGrad");
    }
    if (base == null) {
      if (target.isView()) {
        throw TorchException.gradient(
            operator
                + "_: a view made inside noGrad, or of data that was replaced since, is changed"
                + " in place while gradients are recorded; make the view again");
      }
      return;
    }
    if (base.isLeaf() && base.requiresGrad()) {
      throw TorchException.gradient(
          operator
              + "_: a view of a leaf that requires grad is changed in place; do it inside noGrad");
    }
    if (!base.layout().isDense()) {
      throw TorchException.gradient(
          operator
              + "_: a view of a tensor with gaps is changed in place while gradients are recorded;"
              + " work on a copy");
    }
  }

  /**
   * Records that {@code target} was overwritten with {@code op}'s result.
   *
   * @param inputs the inputs with their histories from before the write
   */
  public static void written(Op op, Tensor[] inputs, Tensor target) {
    written(target, result -> Node.record(op, inputs, new Tensor[] {result}));
  }

  /**
   * Records that {@code target} was overwritten.
   *
   * @param record gives a tensor the history of what was written
   */
  static void written(Tensor target, Consumer<Tensor> record) {
    Tensor base = target.base();
    if (base == null) {
      record.accept(target);
      return;
    }
    Tensor before = base.alias();
    Tensor result = new Tensor(target.storage(), target.layout(), target.dtype());
    record.accept(result);
    ViewScatter scatter = new ViewScatter(strided(target));
    Node.record(scatter, new Tensor[] {before, result}, new Tensor[] {base});
    target.history();
  }
}
