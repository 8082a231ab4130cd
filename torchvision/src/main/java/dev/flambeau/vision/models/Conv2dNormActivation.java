package dev.flambeau.vision.models;

import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.Sequential;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Convolution without bias that keeps the size (but for its stride), batch norm, activation.
 * PyTorch: {@code torchvision.ops.Conv2dNormActivation}.
 */
final class Conv2dNormActivation extends Sequential {
  Conv2dNormActivation(
      long in,
      long out,
      long kernel,
      long stride,
      long groups,
      BatchNorm2d norm,
      Optional<Module> activation) {
    super(parts(in, out, kernel, stride, groups, norm, activation));
  }

  private static List<Module> parts(
      long in,
      long out,
      long kernel,
      long stride,
      long groups,
      BatchNorm2d norm,
      Optional<Module> activation) {
    Conv2d conv =
        new Conv2d(
            in,
            out,
            kernel,
            o -> o.stride(stride).padding((kernel - 1) / 2).groups(groups).bias(false));
    return Stream.concat(Stream.of(conv, norm), activation.stream()).toList();
  }
}
