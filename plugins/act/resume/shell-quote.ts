/**
 * A folder as one word for any POSIX shell. Characters that must never reach a terminal raw (control, bidi) go
 * through printf, so that the line can be printed, read and pasted.
 */
export function shellQuote(folder: string): string {
  if (!unsafe.test(folder)) return `'${folder.replaceAll("'", `'\\''`)}'`
  const whole = folder.endsWith("\n") ? `${folder}/` : folder // $(…) drops newlines at its end
  const bytes = [...Buffer.from(whole)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
  return `"$(printf '${bytes.join("")}')"`
}

/** All that is never printed as it is, and U+FFFD, which may stand for bytes that were no text. */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffd\ud800-\udfff]|[\u{e0000}-\u{e007f}]/u
