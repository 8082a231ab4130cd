package dev.flambeau.torch.backend.cpu.vector;

import org.slf4j.LoggerFactory;

/** Transcendental functions of float arrays: with the Vector API where it is there. */
public interface FloatMath {
  FloatMath INSTANCE = choose();

  private static FloatMath choose() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      return new VectorFloatMath();
    }
    LoggerFactory.getLogger(FloatMath.class)
        .info("scalar kernels are used; for faster ones add --add-modules jdk.incubator.vector");
    return new ScalarFloatMath();
  }

  void exp(float[] in, float[] out, int count);

  void log(float[] in, float[] out, int count);

  void tanh(float[] in, float[] out, int count);

  void sigmoid(float[] in, float[] out, int count);

  void erf(float[] in, float[] out, int count);
}
