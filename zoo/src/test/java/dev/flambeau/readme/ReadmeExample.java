package dev.flambeau.readme;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.AdamW;
import dev.flambeau.torch.serialize.Safetensors;
import dev.flambeau.vision.io.Images;
import dev.flambeau.vision.transforms.PreprocessCard;
import dev.flambeau.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Path;

/** The code that the README shows, with its imports. */
final class ReadmeExample {
  private ReadmeExample() {}

  static void run() throws IOException {
    // README begins
    Module network = Zoo.load("mobilenet_v3_small.triage"); // fetched once, checked, cached
    Tensor photo = PreprocessCard.IMAGENET.apply(Images.read(Zoo.sample("meal_1")));
    System.out.println(network.forward(photo).softmax(1)); // food, report, other

    // Some steps of training, gradients by autograd: it gets surer that this is food.
    AdamW optimizer = new AdamW(network.parameters(), o -> o.lr(1e-4));
    Tensor food = Torch.tensor(new long[] {0});
    for (int step = 0; step < 5; step++) {
      Tensor loss = optimizer.step(() -> F.crossEntropy(network.forward(photo), food));
      System.out.printf("loss %.4f%n", loss.item());
    }
    Safetensors.save(network.stateDict(), Path.of("target", "tuned.safetensors"));
    // README ends
  }
}
