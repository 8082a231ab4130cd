package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Preparation of features: rows (N, F), or one row (F). */
final class Features {
  private Features() {}

  static void register(Registry r) {
    r.map("ArrayFeatureExtractor", Features::extract);
    r.map("Binarizer", c -> c.in(0).gt(c.node().f("threshold", 0)).to(c.in(0).dtype()));
    r.plain("FeatureVectorizer", Features::join);
    r.map("Imputer", Features::impute);
    r.plain("Normalizer", Features::normalize);
    r.plain("OneHotEncoder", Features::oneHot);
    r.plain("Scaler", Features::scale);
  }

  /** Columns; one row stays two-dimensional. */
  private static Tensor extract(Call c) {
    Tensor x = c.in(0);
    Tensor picked = x.indexSelect(-1, c.in(1).to(DType.I64).reshape(-1));
    return x.dim() == 1 ? picked.unsqueeze(0) : picked;
  }

  private static Tensor floats(Call c, int input) {
    Tensor x = c.in(input);
    return x.dtype() == DType.F32 ? x : x.to(DType.F32);
  }

  /** Inputs beside one another, each cut or filled up with zeros to its declared width. */
  private static Tensor join(Call c) {
    long[] widths = c.node().ints("inputdimensions", new long[0]);
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < c.count(); i++) {
      Tensor x = floats(c, i);
      if (x.dim() < 1 || x.dim() > 2) {
        throw c.bad("input " + i, x.shape(), "[N, C] or [C]");
      }
      x = x.dim() == 1 ? x.unsqueeze(0) : x;
      long width = i < widths.length ? widths[i] : x.size(1);
      parts.add(x.narrow(1, 0, Math.min(width, x.size(1))));
      if (width > x.size(1)) {
        Limits.checked(c.name(), x.size(0), width);
        parts.add(Torch.zeros(x.size(0), width - x.size(1)));
      }
    }
    return Torch.cat(parts, 1);
  }

  /** One number for all features or one each, to be broadcast along the last axis. */
  private static Tensor each(Call c, String name, double[] values, Tensor x) {
    if (values.length != 1 && values.length != x.size(-1)) {
      throw c.bad(name, values.length + " numbers", "1 or " + x.size(-1));
    }
    return Torch.tensor(values, values.length);
  }

  /** What equals the replaced value, NaN included, gives way to the imputed one. */
  private static Tensor impute(Call c) {
    Tensor x = c.in(0);
    if (x.dtype().isFloat()) {
      double[] values = c.node().floats("imputed_value_floats", new double[0]);
      double replaced = c.node().f("replaced_value_float", 0);
      Tensor gone = Double.isNaN(replaced) ? x.isnan() : x.eq(replaced);
      Tensor imputed = each(c, "imputed_value_floats", values, x).to(x.dtype());
      return Torch.where(gone, imputed, x);
    }
    long[] values = c.node().ints("imputed_value_int64s", new long[0]);
    double[] count = new double[values.length];
    each(c, "imputed_value_int64s", count, x);
    Tensor imputed = Torch.tensor(values, values.length).to(x.dtype());
    return Torch.where(x.eq(c.node().i("replaced_value_int64", 0)), imputed, x);
  }

  /** By the largest, the sum of magnitudes or the length of each row; zero leaves it as it is. */
  private static Tensor normalize(Call c) {
    Tensor x = floats(c, 0);
    if (x.dim() < 1 || x.dim() > 2) {
      throw c.bad("X", x.shape(), "[N, C] or [C]");
    }
    int[] last = {-1};
    String norm = c.node().s("norm", "MAX");
    Tensor by =
        switch (norm) {
          case "MAX" -> x.amax(last, true);
          case "L1" -> x.abs().sum(last, true);
          case "L2" -> root(x.square().sum(last, true));
          default -> throw c.bad("norm", norm, "MAX, L1, L2");
        };
    return x.div(Torch.where(by.eq(0), by.onesLike(), by));
  }

  /** Of zero it is zero, with a gradient of zero. */
  private static Tensor root(Tensor x) {
    Tensor zero = x.eq(0);
    Tensor safe = Torch.where(zero, x.onesLike(), x);
    return Torch.where(zero, x.zerosLike(), safe.sqrt());
  }

  /** (...) -> (..., categories). */
  private static Tensor oneHot(Call c) {
    List<Object> categories = new ArrayList<>(c.node().strings("cats_strings"));
    for (long category : c.node().ints("cats_int64s", new long[0])) {
      categories.add(category);
    }
    Map<Object, Integer> places = new HashMap<>();
    categories.forEach(category -> places.put(category, places.size()));
    List<Object> keys = new ArrayList<>();
    Shape shape;
    if (c.value(0) instanceof OnnxValue.Texts texts) {
      keys.addAll(texts.strings());
      shape = texts.shape();
    } else {
      Arrays.stream(c.in(0).to(DType.I64).contiguous().reshape(-1).toLongArray())
          .forEach(keys::add);
      shape = c.in(0).shape();
    }
    int width = places.size();
    long[] sizes = Arrays.copyOf(shape.sizes(), shape.rank() + 1);
    sizes[shape.rank()] = width;
    float[] out = new float[Math.toIntExact(Limits.checked(c.name(), sizes))];
    for (int i = 0; i < keys.size(); i++) {
      Integer place = places.get(keys.get(i));
      if (place != null) {
        out[i * width + place] = 1;
      } else if (!c.node().flag("zeros", true)) {
        throw c.bad("X", keys.get(i), "one of the categories, as zeros is 0");
      }
    }
    return Torch.tensor(out, sizes);
  }

  private static Tensor scale(Call c) {
    Tensor x = c.in(0).dtype() == DType.F64 ? c.in(0) : floats(c, 0);
    double[] offset = c.node().floats("offset", new double[1]);
    double[] scale = c.node().floats("scale", new double[] {1});
    Tensor moved = x.sub(each(c, "offset", offset, x).to(x.dtype()));
    return moved.mul(each(c, "scale", scale, x).to(x.dtype())).to(DType.F32);
  }
}
