package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Fft;
import dev.flambeau.torch.StftOptions;
import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Fourier transforms between real tensors. */
final class FourierEntries {
  static final List<Entry> ALL =
      List.of(
          entry("fft.fftshift", "Tensor.fftshift", a -> a.self().fftshift(a.axes("dim"))),
          entry("fft.ifftshift", "Tensor.ifftshift", a -> a.self().ifftshift(a.axes("dim"))),
          entry("fft.irfft", "Fft.irfft", a -> line(a, Fft::irfft)),
          entry("fft.hfft", "Fft.hfft", a -> line(a, Fft::hfft)),
          entry("fft.irfft2", "Fft.irfftn", a -> several(a, Fft::irfftn, -2, -1)),
          entry("fft.hfft2", "Fft.hfftn", a -> several(a, Fft::hfftn, -2, -1)),
          entry("fft.irfftn", "Fft.irfftn", a -> several(a, Fft::irfftn)),
          entry("fft.hfftn", "Fft.hfftn", a -> several(a, Fft::hfftn)),
          entry("stft", "Fft.stft", a -> Fft.stft(a.self(), a.axis("n_fft"), o -> options(a, o))),
          entry(
              "istft", "Fft.istft", a -> Fft.istft(a.self(), a.axis("n_fft"), o -> options(a, o))));

  private FourierEntries() {}

  @FunctionalInterface
  private interface Line {
    Tensor of(Tensor x, OptionalLong length, int axis, Fft.Norm norm);
  }

  @FunctionalInterface
  private interface Several {
    Tensor of(Tensor x, Optional<long[]> sizes, int[] axes, Fft.Norm norm);
  }

  private static Tensor line(Arguments a, Line call) {
    OptionalLong length = a.maybeWhole("n");
    int axis = a.axis("dim", -1);
    return call.of(a.self(), length, axis, norm(a));
  }

  private static Tensor several(Arguments a, Several call, int... otherwise) {
    Optional<long[]> sizes = a.maybeLongs("s");
    int[] axes = a.axes("dim");
    return call.of(a.self(), sizes, axes.length == 0 ? otherwise : axes, norm(a));
  }

  private static void options(Arguments a, StftOptions o) {
    a.maybeAxis("hop_length").ifPresent(o::hop);
    if (a.has("win_length") && !a.has("window")) {
      throw new Arguments.NotSupported("win_length without window");
    }
    a.maybeAxis("win_length");
    a.maybeTensor("window").ifPresent(o::window);
    o.center(a.flag("center", true));
    a.only("pad_mode", "reflect").only("return_complex", false);
    o.normalized(a.flag("normalized", false));
    if (a.has("onesided")) {
      o.oneSided(a.flag("onesided", true));
    }
    a.maybeWhole("length").ifPresent(o::length);
  }

  private static Fft.Norm norm(Arguments a) {
    return switch (a.text("norm", "backward")) {
      case "backward" -> Fft.Norm.BACKWARD;
      case "ortho" -> Fft.Norm.ORTHO;
      case "forward" -> Fft.Norm.FORWARD;
      default -> throw new Arguments.NotSupported("norm");
    };
  }
}
