package dev.flambeau.torch.backend.cpu;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** Finds the functions of libraries that JavaCPP brings, and sets what they read as they load. */
public final class NativeLibraries {
  private NativeLibraries() {}

  /** Whether native libraries may be used at all: not with {@code -Dflambeau.natives=off}. */
  public static boolean allowed() {
    return !"off".equals(System.getProperty("flambeau.natives"));
  }

  /**
   * The functions of a library that lies beside the one JavaCPP loads for a class.
   *
   * @param name without prefix and suffix: {@code dnnl} for libdnnl.so.3 and dnnl.dll
   * @throws IOException if there is no such file
   * @throws LinkageError if JavaCPP has nothing for this machine
   */
  public static SymbolLookup load(Class<?> preset, String name) throws IOException {
    Path folder = Path.of(Loader.load(preset)).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      Path library =
          files
              .filter(f -> f.getFileName().toString().matches("(lib)?" + name + "(\\.|@).*"))
              .filter(f -> f.toString().matches(".*\\.(so|dylib|dll)(\\.\\d+)*"))
              .findFirst()
              .orElseThrow(() -> new IOException("no " + name + " library in " + folder));
      return SymbolLookup.libraryLookup(library.toRealPath(), Arena.global());
    }
  }

  /** Sets a variable of the process's environment, unless the user has set it. */
  public static void environment(String name, String value) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return; // Windows: the libraries' defaults hold.
    }
    FunctionDescriptor type =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      linker
          .downcallHandle(setenv.get(), type)
          .invokeWithArguments(arena.allocateFrom(name), arena.allocateFrom(value), 0);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
