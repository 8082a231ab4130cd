package dev.flambeau.torch.op.expr;

import java.util.List;

/**
 * A scalar expression: what a pointwise operator computes for one element. Kernels, gradients and
 * exported graphs are all derived from it.
 */
public sealed interface Expr {
  /** A number. */
  record Const(double value) implements Expr {}

  /** Input {@code index} of the operator. */
  record In(int index) implements Expr {}

  /** The operator's own output {@code index}; only in gradients. */
  record Out(int index) implements Expr {}

  /** A primitive applied to arguments. */
  record Call(Prim prim, List<Expr> args) implements Expr {}

  /** {@code yes} where {@code condition} is not 0, else {@code no}. */
  record Where(Expr condition, Expr yes, Expr no) implements Expr {}

  static Expr of(double value) {
    return new Const(value);
  }

  static Expr in(int index) {
    return new In(index);
  }

  private Expr call(Prim prim, Expr... others) {
    Expr[] args = new Expr[others.length + 1];
    args[0] = this;
    System.arraycopy(others, 0, args, 1, others.length);
    return Simplify.call(prim, List.of(args));
  }

  default Expr add(Expr b) {
    return call(Prim.ADD, b);
  }

  default Expr add(double b) {
    return add(of(b));
  }

  default Expr sub(Expr b) {
    return call(Prim.SUB, b);
  }

  default Expr sub(double b) {
    return sub(of(b));
  }

  default Expr mul(Expr b) {
    return call(Prim.MUL, b);
  }

  default Expr mul(double b) {
    return mul(of(b));
  }

  default Expr div(Expr b) {
    return call(Prim.DIV, b);
  }

  default Expr div(double b) {
    return div(of(b));
  }

  default Expr pow(Expr b) {
    return call(Prim.POW, b);
  }

  default Expr min(Expr b) {
    return call(Prim.MIN, b);
  }

  default Expr max(Expr b) {
    return call(Prim.MAX, b);
  }

  default Expr lt(Expr b) {
    return call(Prim.LT, b);
  }

  default Expr le(Expr b) {
    return call(Prim.LE, b);
  }

  default Expr gt(Expr b) {
    return b.lt(this);
  }

  default Expr ge(Expr b) {
    return b.le(this);
  }

  default Expr eq(Expr b) {
    return call(Prim.EQ, b);
  }

  default Expr ne(Expr b) {
    return call(Prim.NE, b);
  }

  default Expr and(Expr b) {
    return call(Prim.AND, b);
  }

  default Expr or(Expr b) {
    return call(Prim.OR, b);
  }

  /** A unary or n-ary primitive by name: {@code x.apply(Prim.EXP)}. */
  default Expr apply(Prim prim, Expr... others) {
    return call(prim, others);
  }

  default Expr neg() {
    return call(Prim.NEG);
  }

  default Expr abs() {
    return call(Prim.ABS);
  }

  default Expr exp() {
    return call(Prim.EXP);
  }

  default Expr log() {
    return call(Prim.LOG);
  }

  default Expr sqrt() {
    return call(Prim.SQRT);
  }

  default Expr tanh() {
    return call(Prim.TANH);
  }

  default Expr erf() {
    return call(Prim.ERF);
  }

  default Expr sigmoid() {
    return call(Prim.SIGMOID);
  }

  default Expr trunc() {
    return call(Prim.TRUNC);
  }

  default Expr sign() {
    return call(Prim.SIGN);
  }

  default Expr cos() {
    return call(Prim.COS);
  }

  default Expr sin() {
    return call(Prim.SIN);
  }

  default Expr cosh() {
    return call(Prim.COSH);
  }

  default Expr sinh() {
    return call(Prim.SINH);
  }

  default Expr floorDiv(Expr b) {
    return call(Prim.FLOOR_DIV, b);
  }

  default Expr square() {
    return mul(this);
  }

  /** {@code yes} where this is not 0, else {@code no}. */
  default Expr where(Expr yes, Expr no) {
    return Simplify.where(this, yes, no);
  }
}
