/** Images: decoding, transforms, models, data sets. */
module dev.flambeau.vision {
  requires transitive dev.flambeau.torch;
}
