package dev.flambeau.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A {@link Worker} seen from the parent. */
final class WorkerProcess implements AutoCloseable {

  /** Duration of one step in nanoseconds, and its {@link Contender#step} result. */
  record Step(long nanos, double check) {}

  final Side side;
  final long parameters;
  final String description;
  private final Child child;

  WorkerProcess(Task task, Side side, int threads) throws IOException {
    this.side = side;
    child = new Child(side.title, threads, side.jvmFlags, Worker.class, task.name(), side.name());
    var ready = child.next(Worker.READY).split(" ", 2);
    parameters = Long.parseLong(ready[0]);
    description = ready[1];
  }

  /** Has the worker do this many steps. */
  List<Step> run(int steps) throws IOException {
    child.tell(Integer.toString(steps));
    var done = new ArrayList<Step>(steps);
    for (int i = 0; i < steps; i++) {
      var fields = child.next(Worker.STEP).split(" ");
      done.add(new Step(Long.parseLong(fields[0]), Double.parseDouble(fields[1])));
    }
    return done;
  }

  /** {@link Child#peakMemory}. */
  OptionalLong peakMemory() throws IOException {
    return child.peakMemory();
  }

  @Override
  public void close() {
    child.close();
  }
}
