package dev.flambeau.vision.datasets;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.data.TensorDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Fashion-MNIST: 60,000 training and 10,000 test pictures of clothes in 10 classes, 28 x 28 grey
 * (Xiao, Rasul and Vollgraf 2017). Samples are U8 (1, 28, 28) with an I64 class. PyTorch: {@code
 * torchvision.datasets.FashionMNIST}.
 */
public final class FashionMnist {
  /** What the classes 0 to 9 are. */
  public static final List<String> CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  /** Where the Debian package {@code dataset-fashion-mnist} puts it. */
  private static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

  private static final String URL =
      "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/";

  private static final List<String> PARTS =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");

  /** Of the .gz files, in the order of {@link #PARTS}, as the data set's authors publish them. */
  private static final List<String> MD5 =
      List.of(
          "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
          "25c81989df183df01b3e8a0aad5dffbe",
          "bef4ecab320f06d8554ea6380940ec79",
          "bb300cfdad3c16e7a12a480ee83cd310");

  private static final long MAX_BYTES = 64L << 20;

  private FashionMnist() {}

  /**
   * The training pictures and classes from a folder that has the idx files, gzipped or not.
   *
   * @throws IOException if a file is missing or cannot be read
   * @throws TorchException if a file is not what it should be
   */
  public static TensorDataset train(Path folder) throws IOException {
    return load(folder, PARTS.get(0), PARTS.get(1));
  }

  /** The test pictures and classes. */
  public static TensorDataset test(Path folder) throws IOException {
    return load(folder, PARTS.get(2), PARTS.get(3));
  }

  /** Whether a folder has all four files. */
  public static boolean isIn(Path folder) {
    return PARTS.stream()
        .allMatch(
            part ->
                Files.isRegularFile(folder.resolve(part + ".gz"))
                    || Files.isRegularFile(folder.resolve(part)));
  }

  /**
   * A folder with the data: {@code folder} if they are there, else Debian's where installed, else
   * {@code folder} after a download of 31 MB from the authors' repository.
   *
   * @param progress is told of each download
   * @throws IOException if the download fails or its checksum is wrong
   */
  public static Path find(Path folder, Consumer<String> progress) throws IOException {
    if (isIn(folder)) {
      return folder;
    }
    if (isIn(DEBIAN)) {
      return DEBIAN;
    }
    Files.createDirectories(folder);
    for (int i = 0; i < PARTS.size(); i++) {
      String name = PARTS.get(i) + ".gz";
      if (!Files.exists(folder.resolve(name))) {
        try {
          Download.get(URL + name, folder.resolve(name), MD5.get(i), MAX_BYTES, progress);
        } catch (IOException e) {
          throw new IOException(
              "cannot download Fashion-MNIST (%s: %s); check the network, or put its files into %s"
                  .formatted(URL + name, reason(e), folder),
              e);
        }
      }
    }
    return folder;
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static TensorDataset load(Path folder, String imageFile, String labelFile)
      throws IOException {
    Path imagePath = existing(folder, imageFile);
    Path labelPath = existing(folder, labelFile);
    Tensor images = Idx.read(imagePath);
    Tensor labels = Idx.read(labelPath);
    if (images.dim() != 3 || images.size(1) != 28 || images.size(2) != 28) {
      throw TorchException.format(
          imagePath.toString(), "pictures are " + images.shape() + "; allowed: (n, 28, 28)");
    }
    if (labels.dim() != 1 || labels.size(0) != images.size(0)) {
      throw TorchException.format(
          labelPath.toString(), "labels are " + labels.shape() + "; allowed: one for each picture");
    }
    Tensor classes = labels.to(DType.I64);
    for (long label : classes.toLongArray()) {
      if (label >= CLASSES.size()) {
        throw TorchException.format(labelPath.toString(), "label " + label + "; allowed: 0 to 9");
      }
    }
    return new TensorDataset(images.unsqueeze(1), classes);
  }

  private static Path existing(Path folder, String part) throws NoSuchFileException {
    for (String name : List.of(part + ".gz", part)) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    throw new NoSuchFileException(folder.resolve(part + ".gz").toString());
  }
}
