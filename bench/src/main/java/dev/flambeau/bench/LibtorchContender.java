package dev.flambeau.bench;

import org.bytedeco.pytorch.global.torch;

/** What the libtorch peers share: they run on as many threads as the environment says. */
abstract class LibtorchContender implements Contender {

  static {
    torch.set_num_threads(Worker.threads());
  }

  @Override
  public String description() {
    return "libtorch " + version() + ", " + torch.get_num_threads() + " threads";
  }

  /** From the text that libtorch gives about its build: {@code ..., TORCH_VERSION=2.10.0, ...}. */
  private static String version() {
    try (var config = torch.show_config()) {
      return config.getString().replaceFirst("(?s).*TORCH_VERSION=([^,]+),.*", "$1");
    }
  }
}
