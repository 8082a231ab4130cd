package dev.flambeau.torch.profile;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.Watcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Writes down every operator, step of backward and {@linkplain #recordFunction named range} on all
 * threads from {@link #start} to {@link #close}. Everything is kept in memory, some 100 bytes a
 * call, so profile a few steps of a training, not all. PyTorch: {@code torch.profiler.profile}.
 */
public final class Profiler implements AutoCloseable {
  private final Options options = new Options();
  private final long origin = System.nanoTime();
  private final Collection<Track> tracks = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Track> track = ThreadLocal.withInitial(this::newTrack);
  private final Recording recording = new Recording();

  /** Neither shapes nor memory. */
  public static final class Options {
    private boolean shapes;
    private boolean memory;

    Options() {}

    /** Notes the inputs' shapes and types. PyTorch: {@code record_shapes}. */
    public Options shapes(boolean on) {
      shapes = on;
      return this;
    }

    /**
     * Notes what each call got and gave back of tensors' memory. PyTorch: {@code profile_memory}.
     */
    public Options memory(boolean on) {
      memory = on;
      return this;
    }
  }

  private final class Recording extends Watcher {
    boolean tryBegin() {
      return begin();
    }

    void stop() {
      end();
    }

    @Override
    public <T> T watch(Kind kind, String name, Tensor[] inputs, Supplier<T> body) {
      Track own = track.get();
      own.enter(kind, name, inputs, options.shapes);
      try {
        return body.get();
      } finally {
        own.exit();
      }
    }

    @Override
    public void memory(long bytes) {
      if (options.memory) {
        track.get().memory(bytes);
      }
    }
  }

  private Profiler() {}

  private Track newTrack() {
    Track made = new Track(origin);
    tracks.add(made);
    return made;
  }

  /** Starts to write down times and numbers of calls. */
  public static Profiler start() {
    return start(_ -> {});
  }

  /**
   * Starts to write down what {@code options} ask for.
   *
   * @throws TorchException if another profiler has not been closed yet
   */
  public static Profiler start(Consumer<Options> options) {
    Profiler profiler = new Profiler();
    options.accept(profiler.options);
    if (!profiler.recording.tryBegin()) {
      throw TorchException.argument(
          "Profiler", "start", "a second profiler", "one at a time; close the first");
    }
    return profiler;
  }

  /** Profiles {@code body}; the result is closed. */
  public static Profiler profile(Consumer<Options> options, Runnable body) {
    Profiler profiler = start(options);
    try (profiler) {
      body.run();
    }
    return profiler;
  }

  /** Profiles {@code body}'s times and numbers of calls; the result is closed. */
  public static Profiler profile(Runnable body) {
    return profile(_ -> {}, body);
  }

  /**
   * Runs {@code body} as a range of that name; without a profiler it is just run. PyTorch: {@code
   * torch.profiler.record_function}.
   */
  public static <T> T recordFunction(String name, Supplier<T> body) {
    return Watcher.range(name, body);
  }

  /** The same without a result. */
  public static void recordFunction(String name, Runnable body) {
    Watcher.range(name, body);
  }

  /** Stops; what was written down stays. Calls that have not ended yet are left out. */
  @Override
  public void close() {
    recording.stop();
  }

  /** What has ended so far, on all threads, by time of start. PyTorch: {@code events}. */
  public List<Span> spans() {
    return tracks.stream()
        .flatMap(t -> t.spans().stream())
        .sorted(Comparator.comparingLong(Span::start))
        .toList();
  }

  /** Sums over all calls of a name. PyTorch: {@code key_averages()}. */
  public KeyAverages keyAverages() {
    return KeyAverages.of(spans(), false, options.memory);
  }

  /**
   * Sums over all calls of a name with inputs of the same shapes. PyTorch: {@code
   * key_averages(group_by_input_shape=True)}.
   *
   * @throws TorchException if shapes were not noted
   */
  public KeyAverages keyAveragesByShape() {
    if (!options.shapes) {
      throw TorchException.argument(
          "Profiler", "keyAveragesByShape", "no shapes", "start with o -> o.shapes(true)");
    }
    return KeyAverages.of(spans(), true, options.memory);
  }

  /**
   * Writes all calls, with threads and memory, for chrome://tracing or ui.perfetto.dev. The file
   * appears whole or not at all. PyTorch: {@code export_chrome_trace}.
   */
  public void exportChromeTrace(Path file) throws IOException {
    ChromeTrace.write(List.copyOf(tracks), file);
  }
}
