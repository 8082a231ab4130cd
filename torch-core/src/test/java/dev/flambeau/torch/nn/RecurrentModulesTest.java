package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.utils.Sequences;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Recurrent layers against their cells, packed sequences against each sequence by itself. */
class RecurrentModulesTest {
  private static void close(Tensor a, Tensor b) {
    assertEquals(b.shape(), a.shape());
    assertTrue(a.sub(b).abs().max().item() < 1e-12, a + "\n" + b);
  }

  /** The first layer's weights in a cell give the same steps. */
  @Test
  void layerIsItsCell() {
    Torch.manualSeed(3);
    LSTM lstm = new LSTM(4, 5);
    Torch.manualSeed(3);
    LSTMCell cell = new LSTMCell(4, 5);
    cell.to(DType.F64);
    lstm.to(DType.F64);
    close(lstm.namedParameters().get("weight_hh_l0"), cell.weightHh);
    Tensor x = Torch.randn(DType.F64, 6, 2, 4);
    var out = lstm.forward(x, Optional.empty());
    Optional<RNNBase.State> state = Optional.empty();
    for (int t = 0; t < 6; t++) {
      state = Optional.of(cell.forward(x.select(0, t), state));
      close(out.output().select(0, t), state.get().hidden());
    }
    close(out.state().cell().orElseThrow().select(0, 0), state.get().cell().orElseThrow());
  }

  /** A packed sequence gives what each sequence gives by itself, whatever the order. */
  @Test
  void packedSequencesAreSingleOnes() {
    Torch.manualSeed(4);
    GRU gru = new GRU(3, 4, o -> o.numLayers(2).bidirectional(true).batchFirst(true));
    gru.to(DType.F64);
    List<Tensor> sequences =
        List.of(
            Torch.randn(DType.F64, 2, 3),
            Torch.randn(DType.F64, 5, 3),
            Torch.randn(DType.F64, 3, 3));
    assertThrows(TorchException.class, () -> Sequences.pack(sequences, true));
    PackedSequence packed = Sequences.pack(sequences, false);
    assertEquals(10, packed.data().size(0));
    var out = gru.forward(packed, Optional.empty());
    List<Tensor> each = Sequences.unpack(out.output());
    for (int i = 0; i < 3; i++) {
      var alone = gru.forward(sequences.get(i), Optional.empty());
      close(each.get(i), alone.output());
      close(out.state().hidden().select(1, i), alone.state().hidden());
    }
    Tensor padded = Sequences.pad(sequences, true, 7);
    assertEquals(7, padded.at(0, 2, 0));
    PackedSequence again = Sequences.packPadded(padded, new long[] {2, 5, 3}, true, false);
    close(again.data(), packed.data());
    close(Sequences.padPacked(again, true, 7, OptionalLong.empty()).sequences(), padded);
    assertEquals(List.of(2L, 5L, 3L), longs(Sequences.padPacked(again, false).lengths()));
  }

  private static List<Long> longs(Tensor t) {
    return Arrays.stream(t.toLongArray()).boxed().toList();
  }

  @Test
  void prints() {
    assertEquals(
        "LSTM(3, 4, proj_size=2, num_layers=2, bias=False, batch_first=True, bidirectional=True)",
        new LSTM(
                3,
                4,
                o -> o.projSize(2).numLayers(2).bias(false).batchFirst(true).bidirectional(true))
            .toString());
    assertEquals("GRUCell(3, 4)", new GRUCell(3, 4).toString());
  }

  @Test
  void refuses() {
    assertThrows(TorchException.class, () -> new GRU(3, 4, o -> o.projSize(2)));
    assertThrows(TorchException.class, () -> new LSTM(3, 4, o -> o.projSize(4)));
    assertThrows(TorchException.class, () -> new LSTM(3, 4, o -> o.relu(true)));
    assertThrows(TorchException.class, () -> new RNN(3, 4, o -> o.dropout(2)));
    RNN rnn = new RNN(3, 4);
    assertThrows(TorchException.class, () -> rnn.forward(Torch.zeros(2, 2, 4)));
    assertThrows(TorchException.class, () -> rnn.forward(Torch.zeros(0, 2, 3)));
    assertThrows(
        TorchException.class,
        () ->
            rnn.forward(
                Torch.zeros(2, 2, 3), Optional.of(new RNNBase.State(Torch.zeros(2, 2, 4)))));
    assertThrows(
        TorchException.class,
        () ->
            new PackedSequence(
                Torch.zeros(3, 2),
                Torch.tensor(new long[] {1, 2}),
                Optional.empty(),
                Optional.empty()));
  }
}
