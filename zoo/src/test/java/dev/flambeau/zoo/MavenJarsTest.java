package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MavenJarsTest {
  @Test
  void localRepositoryIsThatOfMaven() {
    Optional<Path> m2 = Optional.of(Path.of("/tmp/m2"));
    String option = "-Dmaven.repo.local=/tmp/m2";
    assertEquals(m2, MavenJars.localRepository(Map.of("MAVEN_ARGS", "-B " + option + " -ntp")));
    assertEquals(m2, MavenJars.localRepository(Map.of("MAVEN_OPTS", option)));
    assertEquals(Optional.empty(), MavenJars.localRepository(Map.of("MAVEN_OPTS", "-Xmx1g")));
    assertEquals(Optional.empty(), MavenJars.localRepository(Map.of()));
  }
}
