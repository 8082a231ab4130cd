package dev.flambeau.zoo;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtime;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;

/** Artifacts through Maven Resolver, with the user's settings, mirrors and local repository. */
final class MavenJars {
  private static final String LOCAL_REPOSITORY = "-Dmaven.repo.local=";

  private MavenJars() {}

  /** The artifact's jar in the local repository, downloaded if it is not there. */
  static Path jar(Source.Maven source) {
    Runtime runtime = Runtimes.INSTANCE.getRuntime();
    ContextOverrides.Builder overrides = ContextOverrides.create().withUserSettings(true);
    if (System.getProperty("maven.repo.local") == null) {
      localRepository(System.getenv()).ifPresent(overrides::withLocalRepositoryOverride);
    }
    try (Context context = runtime.create(overrides.build())) {
      ArtifactRequest request = new ArtifactRequest();
      request.setArtifact(
          new DefaultArtifact(source.group(), source.artifact(), "jar", source.version()));
      request.setRepositories(context.remoteRepositories());
      return context
          .repositorySystem()
          .resolveArtifact(context.repositorySystemSession(), request)
          .getArtifact()
          .getFile()
          .toPath();
    } catch (ArtifactResolutionException e) {
      throw new UserError(
          "cannot get the Maven artifact %s:%s:%s; check the network and your Maven settings (%s)"
              .formatted(source.group(), source.artifact(), source.version(), e.getMessage()),
          e);
    }
  }

  /** The folder named by {@value #LOCAL_REPOSITORY} in the variables that Maven reads. */
  static Optional<Path> localRepository(Map<String, String> environment) {
    return Stream.of("MAVEN_ARGS", "MAVEN_OPTS")
        .flatMap(name -> Stream.of(environment.getOrDefault(name, "").split("\\s+")))
        .filter(option -> option.startsWith(LOCAL_REPOSITORY))
        .map(option -> Path.of(option.substring(LOCAL_REPOSITORY.length())))
        .findFirst();
  }
}
