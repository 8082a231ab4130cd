package dev.flambeau.torch.profile;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Watcher;
import java.util.List;

/**
 * One call that was watched.
 *
 * @param kind an operator's call, a step of backward or a named range
 * @param name the operator's name; for a step of backward followed by " backward"
 * @param inputs the inputs' shapes and types, null where there was no tensor; empty unless asked
 *     for
 * @param thread the number of the thread it ran on
 * @param inBackward whether it ran as part of a backward
 * @param outermost whether no call of the same name was around it
 * @param start nanoseconds since the profiler started
 * @param nanos how long it took
 * @param selfNanos the same without the calls inside it
 * @param bytes memory it got and did not give back, negative if it gave back more
 * @param selfBytes the same without the calls inside it
 */
public record Span(
    Watcher.Kind kind,
    String name,
    List<Meta> inputs,
    long thread,
    boolean inBackward,
    boolean outermost,
    long start,
    long nanos,
    long selfNanos,
    long bytes,
    long selfBytes) {}
