package dev.flambeau.torch.graph;

import dev.flambeau.torch.op.Op;
import java.util.List;

/** One operator in a {@link Graph}, with the numbers of the values it reads and makes. */
record Call(Op op, List<Integer> inputs, List<Integer> outputs) {}
