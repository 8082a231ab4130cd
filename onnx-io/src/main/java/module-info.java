/** ONNX models as trainable modules. */
module dev.flambeau.onnx {
  requires transitive dev.flambeau.torch;
}
