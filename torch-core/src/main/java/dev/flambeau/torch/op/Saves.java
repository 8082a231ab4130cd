package dev.flambeau.torch.op;

/** The inputs and outputs a backward reads, as bit sets. */
public record Saves(int inputs, int outputs) {
  public static final Saves NOTHING = new Saves(0, 0);

  /** These inputs and no output. */
  public static Saves inputs(int... indices) {
    return new Saves(bits(indices), 0);
  }

  /** These outputs and no input. */
  public static Saves outputs(int... indices) {
    return new Saves(0, bits(indices));
  }

  /** These inputs as well. */
  public Saves andInputs(int... indices) {
    return new Saves(inputs | bits(indices), outputs);
  }

  /** These outputs as well. */
  public Saves andOutputs(int... indices) {
    return new Saves(inputs, outputs | bits(indices));
  }

  public boolean input(int index) {
    return (inputs >> index & 1) != 0;
  }

  public boolean output(int index) {
    return (outputs >> index & 1) != 0;
  }

  private static int bits(int... indices) {
    int bits = 0;
    for (int index : indices) {
      bits |= 1 << index;
    }
    return bits;
  }
}
