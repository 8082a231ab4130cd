package dev.flambeau.torch;

import dev.flambeau.torch.api.Accessors;
import dev.flambeau.torch.api.Arrangement;
import dev.flambeau.torch.api.Counting;
import dev.flambeau.torch.api.Covariance;
import dev.flambeau.torch.api.Creation;
import dev.flambeau.torch.api.Diagonals;
import dev.flambeau.torch.api.Differences;
import dev.flambeau.torch.api.Elementwise;
import dev.flambeau.torch.api.Functions;
import dev.flambeau.torch.api.Gradients;
import dev.flambeau.torch.api.InPlace;
import dev.flambeau.torch.api.InPlaceIndexing;
import dev.flambeau.torch.api.Indexing;
import dev.flambeau.torch.api.LinearAlgebra;
import dev.flambeau.torch.api.Movement;
import dev.flambeau.torch.api.Operands;
import dev.flambeau.torch.api.Quantiles;
import dev.flambeau.torch.api.Random;
import dev.flambeau.torch.api.Reductions;
import dev.flambeau.torch.api.Scans;
import dev.flambeau.torch.api.Scattering;
import dev.flambeau.torch.api.Segments;
import dev.flambeau.torch.api.Sorting;
import dev.flambeau.torch.api.SpecialFunctions;
import dev.flambeau.torch.api.Splitting;
import dev.flambeau.torch.api.Statistics;
import dev.flambeau.torch.autograd.ViewHistory;

/**
 * An n-dimensional array of one element type: a {@link Storage} seen through a {@link Layout}.
 * Operators are methods of the interfaces it implements; factories are in {@link Torch}. Memory is
 * given back by the garbage collector, or earlier by a {@link Scope}. PyTorch: {@code
 * torch.Tensor}.
 */
public final class Tensor
    implements Accessors,
        Elementwise,
        Functions,
        SpecialFunctions,
        Operands,
        InPlace,
        InPlaceIndexing,
        Scans,
        Statistics,
        Quantiles,
        Segments,
        Covariance,
        Reductions,
        Movement,
        Arrangement,
        Splitting,
        Diagonals,
        Indexing,
        Scattering,
        Sorting,
        Counting,
        Differences,
        Creation,
        LinearAlgebra,
        Random,
        Gradients {
  private static final int NOT_A_VIEW = -1;

  private Storage storage;
  private Layout layout;
  private DType dtype;
  private final Tensor base;
  private int viewVersion;
  private History history;

  /** For backends and readers of files; users call {@link Torch#tensor} and its neighbours. */
  public Tensor(Storage storage, Layout layout, DType dtype) {
    this(storage, layout, dtype, NOT_A_VIEW, null);
  }

  private Tensor(Storage storage, Layout layout, DType dtype, int viewVersion, Tensor base) {
    this.base = base;
    this.storage = storage;
    this.layout = layout;
    this.dtype = dtype;
    this.viewVersion = viewVersion;
  }

  @Override
  public Tensor self() {
    return this;
  }

  public Storage storage() {
    return storage;
  }

  public Layout layout() {
    return layout;
  }

  public DType dtype() {
    return dtype;
  }

  public Device device() {
    return storage.device();
  }

  public Shape shape() {
    return layout.shape();
  }

  /** Number of axes; PyTorch: {@code dim()}. */
  public int dim() {
    return layout.rank();
  }

  /** Size of an axis; negative axes count from the end. */
  public long size(int axis) {
    return layout.size(axis);
  }

  public long numel() {
    return layout.numel();
  }

  public Meta meta() {
    return new Meta(dtype, storage.device(), layout);
  }

  public boolean isContiguous() {
    return layout.isContiguous();
  }

  /** Native address of the first element. */
  public long address() {
    return storage.address() + layout.offset() * dtype.bytes();
  }

  /** This tensor's part in autograd; made on first use, and renewed when a view's base changed. */
  public History history() {
    if (history == null) {
      history = new History();
    }
    if (isStale()) {
      viewVersion = storage.version();
      ViewHistory.refresh(this);
    }
    return history;
  }

  @Override
  public boolean requiresGrad() {
    return history != null && history.requiresGrad() || isStale();
  }

  /** Whether this is a view whose base got another history by an in-place write. */
  private boolean isStale() {
    return base != null
        && viewVersion != storage.version()
        && base() != null
        && base.requiresGrad();
  }

  /**
   * Another look at the same storage; in-place changes are seen by both.
   *
   * @param recorded whether gradients go on to follow in-place changes through the view
   */
  public Tensor viewed(Layout other, boolean recorded) {
    Tensor root = base == null ? this : base;
    boolean known = recorded && (base != null || !isView());
    return new Tensor(storage, other, dtype, storage.version(), known ? root : null);
  }

  /** The tensor this is a view of, itself no view; null for others and for unrecorded views. */
  public Tensor base() {
    return base != null && base.storage == storage ? base : null;
  }

  /** The same tensor with its present history, which later in-place writes do not change. */
  public Tensor alias() {
    Tensor t = new Tensor(storage, layout, dtype);
    if (requiresGrad()) {
      History now = history();
      if (now.gradFn() == null) {
        t.history = now;
      } else {
        t.history().from(now.gradFn(), now.outputIndex());
      }
    }
    return t;
  }

  /**
   * Replaces this tensor's data, type and device by another's; its place in autograd and in
   * optimizers stays. PyTorch: assignment to {@code .data}.
   *
   * @throws TorchException if the shapes differ and this is no leaf or has a gradient
   */
  public Tensor setData(Tensor other) {
    if (!other.shape().equals(shape()) && (!isLeaf() || grad().isPresent())) {
      throw TorchException.shape("setData", "other", other.shape(), shape().toString());
    }
    storage = other.storage;
    layout = other.layout;
    dtype = other.dtype;
    return this;
  }

  /**
   * Gives this tensor another shape, row-major, in its storage if that is large enough, else in a
   * new one with the elements there are in front. New elements are not initialized. PyTorch: {@code
   * resize_}.
   *
   * @throws TorchException if it requires grad
   */
  public Tensor resize_(long... sizes) {
    if (requiresGrad()) {
      throw TorchException.gradient("resize_: the tensor requires grad; resize it detached");
    }
    Shape shape = Shape.of(sizes);
    Layout wanted = Layout.of(shape, Layout.contiguous(shape).strides(), layout.offset());
    if (wanted.end() * dtype.bytes() > storage.bytes()) {
      Tensor room = newEmpty(sizes);
      Tensor kept = ravel().narrow(0, 0, Math.min(numel(), room.numel()));
      room.ravel().narrow(0, 0, kept.numel()).copy_(kept);
      storage = room.storage;
      wanted = room.layout;
    }
    layout = wanted;
    return this;
  }

  public boolean isView() {
    return viewVersion != NOT_A_VIEW;
  }

  /** As PyTorch prints it. */
  @Override
  public String toString() {
    return TensorText.of(this);
  }
}
