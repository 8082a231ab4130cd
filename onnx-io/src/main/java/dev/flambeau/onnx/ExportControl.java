package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Control flow and dropout as a tape notes them. */
final class ExportControl {
  private final ExportTape tape;

  ExportControl(ExportTape tape) {
    this.tape = tape;
  }

  private static <T> T unseen(Supplier<T> run) {
    return Mode.current().withCapture(null).call(run);
  }

  /** Tensors of their own: what is given may have another name, too. */
  private static List<Tensor> copies(List<Tensor> tensors) {
    return unseen(() -> tensors.stream().map(t -> t.detach().copy()).toList());
  }

  Tensor dropout(Tensor input, double p) {
    int value = tape.value(input);
    List<Tensor> out = copies(List.of(input));
    int made = tape.made(out, tape.depends(value)).getFirst();
    tape.entry(new ExportEntry.Idle(value, p, made));
    return out.getFirst();
  }

  List<Tensor> branches(
      Tensor condition, Supplier<List<Tensor>> then, Supplier<List<Tensor>> otherwise) {
    int read = tape.value(condition);
    List<List<Tensor>> both = new ArrayList<>();
    ExportEntry.Body first = tape.body(List.of(), () -> noted(both, then.get()));
    ExportEntry.Body second = tape.body(List.of(), () -> noted(both, otherwise.get()));
    alike("ifThen", "otherwise", both.get(0), both.get(1));
    boolean taken = unseen(() -> condition.to(DType.F64).item()) != 0;
    List<Tensor> out = copies(both.get(taken ? 0 : 1));
    List<Integer> made = tape.made(out, true);
    tape.entry(new ExportEntry.Choice(read, first, second, made, ExportTape.site()));
    return out;
  }

  private static List<Tensor> noted(List<List<Tensor>> all, List<Tensor> results) {
    all.add(results);
    return results;
  }

  private static void alike(String function, String argument, List<Tensor> a, List<Tensor> b) {
    List<DType> wanted = a.stream().map(Tensor::dtype).toList();
    List<DType> got = b.stream().map(Tensor::dtype).toList();
    if (!wanted.equals(got)) {
      throw TorchException.argument(
          function, argument, "results of types " + got, "those of the other: " + wanted);
    }
  }

  List<Tensor> loop(
      Function<List<Tensor>, Tensor> condition,
      UnaryOperator<List<Tensor>> body,
      List<Tensor> carried) {
    List<Integer> start = tape.values(carried.toArray(Tensor[]::new));
    int go = tape.value(condition.apply(carried));
    List<Tensor> inside = copies(carried);
    List<Integer> taken = inside.stream().map(tape::input).toList();
    ExportEntry.Body round =
        tape.body(
            taken,
            () -> {
              List<Tensor> next = body.apply(inside);
              alike("whileLoop", "body", inside, next);
              List<Tensor> all = new ArrayList<>(next);
              all.addFirst(condition.apply(next));
              return all;
            });
    List<Tensor> out = copies(unseen(() -> Torch.whileLoop(condition, body, carried)));
    List<Integer> made = tape.made(out, true);
    tape.entry(new ExportEntry.Repeat(go, start, round, made, ExportTape.site()));
    return out;
  }
}
