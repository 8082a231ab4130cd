package dev.flambeau.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package may use which, read from the class files. The root is everybody's vocabulary. */
class ArchitectureTest {
  private static final String ROOT = "dev/flambeau/torch/";

  /**
   * Operators' gradients are written with tensors' methods and {@code dispatch}, so these three
   * know one another; what computes ({@code backend}) knows none of them.
   */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry(
              "",
              Set.of("api", "autograd", "backend", "dispatch", "graph", "linalg", "op", "op/expr")),
          Map.entry("op/expr", Set.of()),
          Map.entry("op", Set.of("op/expr", "dispatch", "api")),
          Map.entry("backend", Set.of("op", "op/expr")),
          Map.entry("backend/cpu", Set.of("backend", "op", "op/expr")),
          Map.entry("autograd", Set.of("op", "backend", "api")),
          Map.entry("dispatch", Set.of("op", "autograd", "backend", "backend/cpu")),
          Map.entry("api", Set.of("op", "op/expr", "dispatch", "autograd", "backend")),
          Map.entry("graph", Set.of("op", "op/expr", "dispatch", "api")),
          Map.entry("linalg", Set.of("op", "dispatch", "api")),
          Map.entry("nn/init", Set.of("linalg")),
          Map.entry("nn/functional", Set.of("op", "op/expr", "dispatch", "api", "linalg")),
          Map.entry(
              "nn",
              Set.of(
                  "nn/functional",
                  "nn/init",
                  "op",
                  "op/expr",
                  "dispatch",
                  "graph",
                  "api",
                  "autograd")),
          Map.entry("nn/utils", Set.of("nn", "nn/functional", "op", "dispatch", "api", "linalg")),
          Map.entry("optim", Set.of("op", "op/expr", "dispatch", "api")),
          Map.entry("optim/lr", Set.of("optim")),
          Map.entry("optim/swa", Set.of("api", "nn", "optim", "optim/lr")),
          Map.entry(
              "catalog",
              Set.of(
                  "api",
                  "op",
                  "dispatch",
                  "linalg",
                  "nn",
                  "nn/functional",
                  "nn/init",
                  "optim",
                  "optim/lr")),
          Map.entry(
              "conformance",
              Set.of(
                  "api",
                  "catalog",
                  "autograd",
                  "serialize",
                  "nn",
                  "nn/init",
                  "nn/utils",
                  "optim",
                  "optim/lr")),
          Map.entry("amp", Set.of("op", "api", "optim")),
          Map.entry("data", Set.of()),
          Map.entry("profile", Set.of("serialize")),
          Map.entry("logging", Set.of("api", "serialize")),
          Map.entry(
              "train",
              Set.of(
                  "amp",
                  "api",
                  "nn",
                  "nn/utils",
                  "optim",
                  "optim/lr",
                  "data",
                  "serialize",
                  "logging")),
          Map.entry("serialize", Set.of("backend", "dispatch")));

  /** Other libraries, and the packages that may use them. */
  private static final Map<String, Set<String>> FOREIGN =
      Map.of(
          "java/lang/reflect/Field", Set.of("nn", "op"),
          "org/bytedeco/", Set.of("backend"),
          "jdk/incubator/vector/", Set.of("backend/cpu/vector"),
          "java/awt/", Set.of("logging"),
          "com/fasterxml/", Set.of("serialize", "conformance", "profile"));

  @Test
  void arrowsPointOneWay() throws IOException, URISyntaxException {
    Set<String> wrong = new TreeSet<>();
    List<Path> classes = classes();
    for (Path file : classes) {
      ClassModel model = ClassFile.of().parse(file);
      List<String> used = new ArrayList<>();
      for (PoolEntry entry : model.constantPool()) {
        if (entry instanceof ClassEntry c) {
          used.add(c.asInternalName());
        }
      }
      String from = packageOf(model.thisClass().asInternalName());
      for (String target : used) {
        check(from, target, wrong);
      }
    }
    assertTrue(classes.size() > 50, "only " + classes.size() + " classes found");
    assertEquals("", String.join("\n", wrong));
  }

  private static void check(String from, String target, Set<String> wrong) {
    FOREIGN.forEach(
        (library, users) -> {
          boolean allowed =
              users.stream().anyMatch(u -> from.equals(u) || from.startsWith(u + "/"));
          if (target.startsWith(library) && !allowed) {
            wrong.add(from + " uses " + library);
          }
        });
    if (!target.startsWith(ROOT)) {
      return;
    }
    String to = packageOf(target);
    // A package below backend/cpu belongs to it.
    Set<String> allowed =
        MAY_USE.getOrDefault(from.startsWith("backend/cpu/") ? "backend/cpu" : from, Set.of());
    boolean inside =
        to.equals(from) || to.startsWith("backend/cpu") && from.startsWith("backend/cpu");
    if (!to.isEmpty() && !inside && !allowed.contains(to)) {
      wrong.add("'" + from + "' uses '" + to + "'");
    }
  }

  private static String packageOf(String internalName) {
    String rest = internalName.substring(ROOT.length());
    int slash = rest.lastIndexOf('/');
    return slash < 0 ? "" : rest.substring(0, slash);
  }

  private static List<Path> classes() throws IOException, URISyntaxException {
    Path root = Path.of(Tensor.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root.resolve(ROOT))) {
      return files.filter(f -> f.toString().endsWith(".class")).toList();
    }
  }
}
