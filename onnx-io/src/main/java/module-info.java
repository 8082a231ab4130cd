/** ONNX models as trainable modules. */
module dev.flambeau.onnx {
  exports dev.flambeau.onnx;

  uses dev.flambeau.onnx.ImageReader;

  requires transitive dev.flambeau.torch;
  requires com.google.protobuf;
  requires org.slf4j;
  requires re2j;

  // For Onnx.verify alone.
  requires static com.microsoft.onnxruntime;
}
