/** Pretrained models by name, and the command line. */
module dev.flambeau.zoo {
  requires transitive dev.flambeau.torch;
  requires transitive dev.flambeau.vision;
  requires transitive dev.flambeau.text;
  requires transitive dev.flambeau.onnx;
}
