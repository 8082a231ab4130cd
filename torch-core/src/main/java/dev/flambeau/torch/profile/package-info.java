/**
 * Where time and memory go: by operator, step of backward and named range. May use serialize, for
 * writing files whole. Start reading at {@link dev.flambeau.torch.profile.Profiler}.
 */
package dev.flambeau.torch.profile;
