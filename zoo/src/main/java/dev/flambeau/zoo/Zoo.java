package dev.flambeau.zoo;

import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.serialize.Gguf;
import dev.flambeau.vision.models.MobileNetV3;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Pretrained networks and sample photos by name. Files are fetched on first use, checked against
 * their SHA-256 and kept in {@link Fetcher#defaultDirectory}.
 */
public final class Zoo {
  private Zoo() {}

  /**
   * A network with its trained weights, in evaluation mode; its parameters can be trained further.
   *
   * @param name as {@code flambeau zoo list} shows it
   * @throws UserError if there is no such model or its files cannot be fetched
   */
  public static Module load(String name) {
    return load(Registry.find(name), fetcher());
  }

  /**
   * The file of a sample photo, such as {@code meal_1}.
   *
   * @throws UserError if there is none of that name or it cannot be fetched
   */
  public static Path sample(String name) {
    return fetch(Registry.sample(name), fetcher());
  }

  static Module load(Entry entry, Fetcher fetcher) {
    if (entry.files().containsKey("model")) {
      return OnnxFiles.load(fetch(entry.files().get("model"), fetcher));
    }
    Path file = fetch(entry.files().get("weights"), fetcher);
    try {
      Module network = MobileNetV3.small(entry.labels().size());
      network.loadStateDict(Gguf.load(file).tensors());
      return network.eval();
    } catch (IOException e) {
      throw new UserError("cannot read " + file + ": " + Fetcher.reason(e), e);
    }
  }

  private static Path fetch(Entry.RemoteFile file, Fetcher fetcher) {
    return fetcher.fetch(file.source(), file.sha256());
  }

  private static Fetcher fetcher() {
    return new Fetcher(Fetcher.defaultDirectory(), false, Progress.console());
  }
}
