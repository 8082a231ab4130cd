package dev.flambeau.zoo;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtime;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.nio.file.Path;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;

/** Artifacts through Maven Resolver, with the user's settings, mirrors and local repository. */
final class MavenJars {
  private final Path directory;

  MavenJars(Path directory) {
    this.directory = directory;
  }

  /** The artifact's jar in the local repository, downloaded if it is not there. */
  Path jar(Source.Maven source) {
    Runtime runtime = Runtimes.INSTANCE.getRuntime();
    ContextOverrides overrides = ContextOverrides.create().withUserSettings(true).build();
    try (Context context = runtime.create(overrides)) {
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
}
