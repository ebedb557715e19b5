/** Quoting for any POSIX shell. */

/** Quotes any text as one word. */
export function singleQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * Quotes a path as one word that can be printed, read and pasted: characters that must never reach a terminal
 * raw (control, bidi) are encoded with printf.
 */
export function shellQuote(path: string): string {
  if (!unprintable.test(path)) return singleQuote(path)
  const whole = path.endsWith("\n") ? `${path}/` : path // $(…) strips trailing newlines
  const bytes = [...Buffer.from(whole)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
  return `"$(printf '${bytes.join("")}')"`
}

/** Characters that are never printed raw, and U+FFFD, which may replace invalid bytes. */
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffd\ud800-\udfff]|[\u{e0000}-\u{e007f}]/u
