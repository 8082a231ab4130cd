/** Images: decoding, transforms, models, data sets. */
module dev.flambeau.vision {
  requires transitive dev.flambeau.torch;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires java.net.http;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.opencv;

  exports dev.flambeau.vision.datasets;
  exports dev.flambeau.vision.io;
  exports dev.flambeau.vision.models;
  exports dev.flambeau.vision.transforms;

  opens dev.flambeau.vision.transforms to
      com.fasterxml.jackson.databind;
  opens dev.flambeau.vision.models to
      dev.flambeau.torch;
}
