/** Pretrained models by name, and the command line. */
module dev.flambeau.zoo {
  requires transitive dev.flambeau.torch;
  requires transitive dev.flambeau.vision;
  requires transitive dev.flambeau.text;
  requires transitive dev.flambeau.onnx;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires info.picocli;
  requires java.desktop;
  requires java.net.http;
  requires org.apache.commons.compress;
  requires eu.maveniverse.maven.mima.context;
  requires org.apache.maven.resolver;
  requires org.apache.maven.resolver.util;

  exports dev.flambeau.zoo;

  provides dev.flambeau.onnx.ImageReader with
      dev.flambeau.zoo.VisionImageReader;

  opens dev.flambeau.zoo to
      info.picocli,
      com.fasterxml.jackson.databind;
}
