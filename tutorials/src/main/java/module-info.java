/** Lessons that run. */
module dev.flambeau.tutorials {
  requires transitive dev.flambeau.torch;
  requires transitive dev.flambeau.vision;
}
