/** Images: decoding, transforms, models, data sets. */
module dev.flambeau.vision {
  requires transitive dev.flambeau.torch;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.opencv;

  exports dev.flambeau.vision.io;
  exports dev.flambeau.vision.transforms;
}
