/**
 * Text from a transcript, a path or a process is untrusted: no control character, escape sequence or bidi
 * control of it may reach a terminal.
 */
export function sanitize(text: string): string {
  if (printable.test(text)) return text
  return text
    .replace(escapes, "") // safety: no-escapes
    .replace(/[\n\t]+/g, " ")
    .replace(controls, "") // safety: no-controls
    .toWellFormed()
}

/** Splits a text into sanitized lines; `sanitize` alone would join them. */
export function lines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => sanitize(line.replaceAll("\t", "  ")))
}

/** Removes escape sequences, nothing else: they are no text anywhere. */
export function stripEscapes(text: string): string {
  return text.includes("\u001b") || text.includes("\u009b") ? text.replace(escapes, "") : text
}

/** Nothing to be removed: most text. */
const printable = /^[\x20-\x7e]*$/

/** CSI, OSC and other string sequences, 7-bit and 8-bit, also unfinished ones. */
const escapes =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g

/** C0, DEL, C1, the bidi controls, line and paragraph separators, invisible joiners and tag characters. */
const controls =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/**
 * The last door before a terminal: whatever a view forgot, only line breaks, tabs and colours get through.
 * Views still put each piece of untrusted text through `plain`, which also removes colours.
 */
export function stripControls(text: string): string {
  return text
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(escapes, "").replace(unprintable, "")))
    .join("")
    .toWellFormed()
}

const colour = /(\u001b\[[0-9;]*m)/
const unprintable = new RegExp(`(?![\\n\\t])(?:${controls.source})`, "gu")

/** A JSON document that a terminal may show: what `plain` would drop is written as \uXXXX, and so is kept. */
export function escapeJsonControls(document: string): string {
  return document.replace(new RegExp(`(?!\\n)(?:${controls.source})`, "gu"), (found) =>
    [...Array(found.length).keys()]
      .map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join(""),
  )
}

/** Cuts to a number of terminal columns, with … where something was cut. */
export function fitColumns(text: string, columns: number): string {
  if (Bun.stringWidth(text) <= columns) return text
  let cut = ""
  let width = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += Bun.stringWidth(segment)
    if (width > columns - 1) break
    cut += segment
  }
  return `${cut}…`
}

/** Fills up with spaces to a number of terminal columns. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - Bun.stringWidth(text)))
}
