import { blankComments, type JsonArray, type JsonObject } from "./json-parse.ts"

/** Inserts `"key": value` after the last member of an object, in the layout of the text. */
export function addMember(text: string, object: JsonObject, key: string, value: unknown): string {
  const layout = layoutOf(text, object)
  const colon = layout.newline === null && !/":\s/.test(text) ? ":" : ": "
  return insert(text, object, layout, `${JSON.stringify(key)}${colon}${formatValue(value, layout)}`)
}

/** Appends a value to an array. */
export function addItem(text: string, array: JsonArray, value: unknown): string {
  const layout = layoutOf(text, array)
  return insert(text, array, layout, formatValue(value, layout))
}

/** Removes a member or item with its comma and white space; comments beside it stay. */
export function removePart(text: string, whole: JsonObject | JsonArray, index: number): string {
  const [before, part, after] = [whole.parts[index - 1], whole.parts[index], whole.parts[index + 1]]
  if (part === undefined) return text
  const from = before?.to ?? whole.from + 1
  const to = before === undefined ? (after?.from ?? whole.to - 1) : part.to
  const beside = text.slice(from, part.from) + text.slice(part.to, to)
  if (/[^\s,]/.test(beside)) return removeBetween(text, { from, part, to: after?.from ?? whole.to - 1 })
  if (before !== undefined) return text.slice(0, before.to) + text.slice(part.to)
  if (after !== undefined) return text.slice(0, part.from) + text.slice(after.from)
  return text.slice(0, whole.from + 1) + text.slice(whole.to - 1)
}

interface Layout {
  /** null: on a single line. */
  readonly newline: string | null
  readonly unit: string
  /** Indentation of its parts. */
  readonly inner: string
}

function layoutOf(text: string, whole: JsonObject | JsonArray): Layout {
  const newline = text.includes("\r\n") ? "\r\n" : "\n"
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? "  "
  const lineFrom = text.lastIndexOf("\n", whole.from) + 1
  const outer = /^[ \t]*/.exec(text.slice(lineFrom))?.[0] ?? ""
  const [first] = whole.parts
  const oneLine =
    first === undefined
      ? text.trim() !== "{}" && !text.includes("\n")
      : !text.slice(whole.from, first.from).includes("\n")
  return { newline: oneLine ? null : newline, unit, inner: outer + unit }
}

function formatValue(value: unknown, { newline, unit, inner }: Layout): string {
  return newline === null
    ? JSON.stringify(value)
    : JSON.stringify(value, null, unit).replaceAll("\n", newline + inner)
}

function insert(
  text: string,
  whole: JsonObject | JsonArray,
  { newline, unit, inner }: Layout,
  part: string,
): string {
  const last = whole.parts.at(-1)
  if (last !== undefined) {
    const between = newline === null ? (/,\s/.test(text) ? ", " : ",") : `,${newline}${inner}`
    return text.slice(0, last.to) + between + part + text.slice(last.to)
  }
  if (text.slice(whole.from + 1, whole.to - 1).trim() !== "") {
    // only a comment: it stays, behind the part
    const line = newline === null ? "" : `${newline}${inner}`
    return text.slice(0, whole.from + 1) + line + part + text.slice(whole.from + 1)
  }
  const outer = inner.slice(0, inner.length - unit.length)
  const filled = newline === null ? part : `${newline}${inner}${part}${newline}${outer}`
  return text.slice(0, whole.from + 1) + filled + text.slice(whole.to - 1)
}

/** Removes a part and one comma, and nothing else between `from` and `to`. */
function removeBetween(
  text: string,
  { from, part, to }: { from: number; part: { from: number; to: number }; to: number },
): string {
  const plain = blankComments(text)
  const before = plain.lastIndexOf(",", part.from - 1)
  if (before >= from) return text.slice(0, before) + text.slice(before + 1, part.from) + text.slice(part.to)
  const after = plain.slice(part.to, to).indexOf(",")
  return text.slice(0, part.from) + text.slice(after === -1 ? part.to : part.to + after + 1)
}
