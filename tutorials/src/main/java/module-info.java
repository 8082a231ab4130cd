/** Lessons that run. */
module dev.flambeau.tutorials {
  requires transitive dev.flambeau.torch;
  requires transitive dev.flambeau.vision;
  requires transitive dev.flambeau.zoo;
  requires info.picocli;
  requires java.desktop;
  requires org.apache.commons.compress;
  requires org.knowm.xchart;

  opens dev.flambeau.tutorials to
      info.picocli,
      dev.flambeau.torch;
}
