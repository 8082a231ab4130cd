/**
 * What training leaves behind for people: TensorBoard's event files, charts as SVG and PNG, a
 * report as one HTML page. May use serialize, for writing files whole. Start reading at {@link
 * dev.flambeau.torch.logging.SummaryWriter} or {@link dev.flambeau.torch.logging.TrainingReport}.
 *
 * <p>The few protocol buffer fields of an event are encoded here: a library for them would be
 * larger than this package and a dependency of everybody who only wants tensors.
 */
package dev.flambeau.torch.logging;
