/** Tensors, automatic differentiation and neural networks. */
module dev.flambeau.torch {
  exports dev.flambeau.torch;
  exports dev.flambeau.torch.amp;
  exports dev.flambeau.torch.api;
  exports dev.flambeau.torch.autograd;
  exports dev.flambeau.torch.backend;
  exports dev.flambeau.torch.op;
  exports dev.flambeau.torch.op.expr;
  exports dev.flambeau.torch.catalog;
  exports dev.flambeau.torch.conformance;
  exports dev.flambeau.torch.data;
  exports dev.flambeau.torch.dispatch;
  exports dev.flambeau.torch.graph;
  exports dev.flambeau.torch.linalg;
  exports dev.flambeau.torch.logging;
  exports dev.flambeau.torch.nn;
  exports dev.flambeau.torch.nn.functional;
  exports dev.flambeau.torch.nn.init;
  exports dev.flambeau.torch.nn.utils;
  exports dev.flambeau.torch.optim;
  exports dev.flambeau.torch.optim.lr;
  exports dev.flambeau.torch.optim.swa;
  exports dev.flambeau.torch.profile;
  exports dev.flambeau.torch.serialize;
  exports dev.flambeau.torch.train;

  requires com.fasterxml.jackson.core;
  requires java.desktop;
  requires org.bytedeco.dnnl;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.openblas;
  requires org.slf4j;
  requires static jdk.incubator.vector;
}
