/**
 * One word for any POSIX shell. Characters that must never reach a terminal raw (control, bidi) go through
 * printf, so that the line can be printed, read and pasted.
 */
export function shellQuote(text: string): string {
  if (!unsafe.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`
  const bytes = [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
  return `"$(printf '${bytes.join("")}')"`
}

const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]/
