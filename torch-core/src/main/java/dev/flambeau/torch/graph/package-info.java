/**
 * Captured programs: what a function does to its input, written down once, made simpler pass by
 * pass, and run without the function. May use dispatch and op. Start reading at {@link
 * dev.flambeau.torch.graph.CompiledFunction}.
 */
package dev.flambeau.torch.graph;
