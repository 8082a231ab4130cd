package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A drawing as one SVG, or as one HTML page in which a click on a box tells all about it. */
final class DrawingPage {
  private static final double LETTER = 7.3;
  private static final double SMALL_LETTER = 5.6;
  private static final double BOX = 38;
  private static final double TITLE = 34;
  private static final int LONGEST = 34;

  private static final Map<String, String> KINDS = kinds();

  private static final String STYLE =
      """
      svg{font:12px sans-serif}
      .b rect{stroke:#333;stroke-opacity:.35}
      .b:hover rect,.b.on rect{stroke:#c0392b;stroke-width:2.5;stroke-opacity:1}
      .b{cursor:pointer} .b text{text-anchor:middle;fill:#fff} .b .s{font-size:9px;fill-opacity:.85}
      .e{fill:none;stroke:#8a8f98;stroke-width:1.2}
      .e.on{stroke:#c0392b;stroke-width:2.4}
      .t{font-size:16px;font-weight:bold;fill:#333}
      .layer rect{fill:#2f6fb0} .recurrent rect{fill:#6a4fa3} .attention rect{fill:#8e44ad}
      .norm rect{fill:#2e8b6f} .activation rect{fill:#b0573a} .pool rect{fill:#3f8f3f}
      .shape rect{fill:#7a7f87} .math rect{fill:#4d5b6e} .control rect{fill:#a3335c}
      .input rect,.output rect{fill:#f5f5f0} .input text,.output text{fill:#333!important}
      """;

  private static final String PAGE_STYLE =
      """
      body{margin:0;display:flex;height:100vh;font:14px sans-serif;color:#222}
      main{flex:1;overflow:auto;background:#fdfdfb} aside{width:340px;overflow:auto;padding:12px;
      border-left:1px solid #ccc;overflow-wrap:anywhere} aside h2{margin:.2em 0}
      td{vertical-align:top;padding:2px 8px 2px 0} td:first-child{color:#666} a{color:#2f6fb0}
      .d{display:none} .d.on{display:block} .known{color:#666}
      """;

  private static final String SCRIPT =
      """
      function show(id,go){document.querySelectorAll('.on').forEach(e=>e.classList.remove('on'));
      const b=document.getElementById('b'+id),d=document.getElementById('d'+id);
      if(!b)return;b.classList.add('on');if(d)d.classList.add('on');
      document.querySelectorAll('.f'+id+',.g'+id).forEach(e=>e.classList.add('on'));
      if(go)b.scrollIntoView({block:'center',inline:'center',behavior:'smooth'});}
      document.addEventListener('click',e=>{const b=e.target.closest('.b'),a=e.target.closest('a');
      if(b)show(b.id.slice(1));if(a&&a.dataset.b){e.preventDefault();show(a.dataset.b,true);}});
      """;

  private final StringBuilder svg = new StringBuilder();
  private final StringBuilder details = new StringBuilder();
  private double width = 200;
  private double height;

  private DrawingPage(Drawing drawing) {
    for (int i = 0; i < drawing.sheets.size(); i++) {
      sheet(drawing.sheets.get(i), "s" + i + "-");
    }
  }

  private static Map<String, String> kinds() {
    Map<String, String> kinds = new HashMap<>();
    put(kinds, "layer", "Conv ConvTranspose Gemm MatMul ConvInteger MatMulInteger QLinearConv");
    put(kinds, "layer", "QLinearMatMul Einsum Linear Module");
    put(kinds, "recurrent", "LSTM GRU RNN");
    put(kinds, "attention", "Attention RotaryEmbedding MultiHeadAttention GroupQueryAttention");
    put(kinds, "norm", "BatchNormalization LayerNormalization InstanceNormalization LRN");
    put(kinds, "norm", "GroupNormalization RMSNormalization Dropout LpNormalization");
    put(kinds, "activation", "Relu LeakyRelu PRelu Sigmoid Tanh Softmax LogSoftmax Gelu Elu Selu");
    put(kinds, "activation", "HardSigmoid HardSwish Mish Softplus Softsign Clip Erf Celu Swish");
    put(
        kinds,
        "pool",
        "MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool Resize Upsample");
    put(kinds, "shape", "Reshape Transpose Concat Slice Squeeze Unsqueeze Flatten Gather Shape");
    put(kinds, "shape", "Expand Split Pad Cast Identity Tile ConstantOfShape Range Size");
    put(kinds, "control", "If Loop Scan");
    return kinds;
  }

  private static void put(Map<String, String> kinds, String kind, String operators) {
    for (String operator : operators.split(" ")) {
      kinds.put(operator, kind);
    }
  }

  /** The group an operator is shown with. */
  static String kind(String operator) {
    return KINDS.getOrDefault(operator, "math");
  }

  static String svg(Drawing drawing) {
    return new DrawingPage(drawing).whole(true);
  }

  static String html(Drawing drawing, String title) {
    DrawingPage page = new DrawingPage(drawing);
    return """
    <!DOCTYPE html>
    <html><head><meta charset="utf-8"><title>%s</title><style>%s%s</style></head>
    <body><main>%s</main>
    <aside><p>Click a box to see its attributes, inputs and outputs.</p>%s</aside>
    <script>%s</script></body></html>
    """
        .formatted(escaped(title), STYLE, PAGE_STYLE, page.whole(false), page.details, SCRIPT);
  }

  private String whole(boolean alone) {
    String style = alone ? "<style>" + STYLE + "</style>" : "";
    return String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\">",
            width,
            height)
        + style
        + svg
        + "</svg>";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replaceAll("[\\p{Cntrl}\\uFFFE\\uFFFF]", " ");
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  private void sheet(Drawing.Sheet sheet, String prefix) {
    double[] widths =
        sheet.boxes().stream()
            .mapToDouble(
                b ->
                    24
                        + Math.max(
                            LETTER * cut(b.title()).length(),
                            SMALL_LETTER * cut(b.below()).length()))
            .toArray();
    DrawingLayout layout = new DrawingLayout(widths, sheet.edges());
    svg.append(
        String.format(
            Locale.ROOT,
            "<g transform=\"translate(0 %.0f)\"><text class=\"t\" x=\"12\" y=\"22\">%s</text>"
                + "<g transform=\"translate(0 %.0f)\">",
            height,
            escaped(cut(sheet.title())),
            TITLE));
    for (DrawingLayout.Route route : layout.routes) {
      edge(layout, route, prefix);
    }
    Map<String, List<Drawing.Box>> users = new HashMap<>();
    for (Drawing.Box box : sheet.boxes()) {
      box.from().keySet().forEach(v -> users.computeIfAbsent(v, _ -> new ArrayList<>()).add(box));
    }
    Map<String, List<Drawing.Box>> makers = new HashMap<>();
    for (Drawing.Box box : sheet.boxes()) {
      box(box, layout, widths[box.id()], prefix);
      detail(box, makers, users, prefix);
      box.to().keySet().forEach(value -> makers.put(value, List.of(box)));
    }
    svg.append("</g></g>\n");
    width = Math.max(width, layout.width());
    height += TITLE + layout.height();
  }

  private void edge(DrawingLayout layout, DrawingLayout.Route route, String prefix) {
    StringBuilder path = new StringBuilder();
    List<Integer> boxes = route.boxes();
    double fromX = layout.x(boxes.getFirst());
    double fromY = layout.y(boxes.getFirst()) + BOX / 2;
    path.append(String.format(Locale.ROOT, "M%.1f %.1f", fromX, fromY));
    for (int i = 1; i < boxes.size(); i++) {
      boolean last = i == boxes.size() - 1;
      double toX = layout.x(boxes.get(i));
      double toY = layout.y(boxes.get(i)) - BOX / 2;
      double middle = (fromY + toY) / 2;
      path.append(
          String.format(
              Locale.ROOT, "C%.1f %.1f %.1f %.1f %.1f %.1f", fromX, middle, toX, middle, toX, toY));
      fromX = toX;
      fromY = toY + (last ? 0 : BOX);
      if (!last) {
        path.append(String.format(Locale.ROOT, "V%.1f", fromY));
      }
    }
    svg.append("<path class=\"e f").append(prefix).append(route.from());
    svg.append(" g").append(prefix).append(route.to());
    svg.append("\" d=\"").append(path).append("\"/>\n");
  }

  private void box(Drawing.Box box, DrawingLayout layout, double boxWidth, String prefix) {
    double x = layout.x(box.id());
    double y = layout.y(box.id());
    boolean two = !box.below().isEmpty();
    svg.append(
        String.format(
            Locale.ROOT,
            "<g class=\"b %s\" id=\"b%s%d\"><title>%s</title><rect x=\"%.1f\" y=\"%.1f\""
                + " width=\"%.1f\" height=\"%.0f\" rx=\"6\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>",
            box.kind(),
            prefix,
            box.id(),
            escaped(box.notes().getOrDefault("name", box.title())),
            x - boxWidth / 2,
            y - BOX / 2,
            boxWidth,
            BOX,
            x,
            y + (two ? -1 : 4),
            escaped(cut(box.title()))));
    if (two) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class=\"s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
              x,
              y + 12,
              escaped(cut(box.below()))));
    }
    svg.append("</g>\n");
  }

  /**
   * @param makers of the values so far
   */
  private void detail(
      Drawing.Box box,
      Map<String, List<Drawing.Box>> makers,
      Map<String, List<Drawing.Box>> users,
      String prefix) {
    details.append("<div class=\"d\" id=\"d").append(prefix).append(box.id()).append("\"><h2>");
    details.append(escaped(box.title())).append("</h2><table>");
    box.notes().forEach((name, text) -> row(escaped(name), escaped(text)));
    box.from()
        .forEach(
            (value, known) ->
                row("takes", link(value, known, makers.getOrDefault(value, List.of()), prefix)));
    box.to()
        .forEach(
            (value, type) ->
                row("gives", link(value, type, users.getOrDefault(value, List.of()), prefix)));
    details.append("</table></div>\n");
  }

  private void row(String name, String text) {
    details.append("<tr><td>").append(name).append("</td><td>").append(text);
    details.append("</td></tr>");
  }

  private static String link(String value, String known, List<Drawing.Box> boxes, String prefix) {
    StringBuilder out = new StringBuilder(escaped(value));
    if (!known.isEmpty()) {
      out.append(" <span class=\"known\">").append(escaped(known)).append("</span>");
    }
    for (Drawing.Box box : boxes) {
      out.append(" <a href=\"#\" data-b=\"").append(prefix).append(box.id()).append("\">");
      out.append(escaped(box.title())).append("</a>");
    }
    return out.toString();
  }
}
