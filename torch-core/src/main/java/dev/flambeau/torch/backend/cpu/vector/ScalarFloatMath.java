package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.op.expr.Erf;

/** One element at a time, through double precision: the twin of {@link VectorFloatMath}. */
final class ScalarFloatMath implements FloatMath {
  @Override
  public void exp(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.exp(in[i]);
    }
  }

  @Override
  public void log(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.log(in[i]);
    }
  }

  @Override
  public void tanh(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.tanh(in[i]);
    }
  }

  @Override
  public void sigmoid(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) (1 / (1 + Math.exp(-in[i])));
    }
  }

  @Override
  public void erf(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Erf.erf(in[i]);
    }
  }
}
