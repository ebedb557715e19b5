/** JSON as text: where each part of it stands, so that one part can be changed and every other byte kept. */
export type JsonPart = JsonObject | JsonArray | JsonOther
interface Span {
  readonly from: number
  /** Behind its last character. */
  readonly to: number
}
export interface JsonObject extends Span {
  readonly kind: "object"
  readonly parts: readonly (Span & { readonly key: string; readonly value: JsonPart })[]
}
export interface JsonArray extends Span {
  readonly kind: "array"
  readonly parts: readonly (Span & { readonly value: JsonPart })[]
}
export interface JsonOther extends Span {
  readonly kind: "other"
}

/** The parts of a JSON text; null when it is not valid JSON (comments are not). */
export function readJsonText(text: string): JsonPart | null {
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  return partAt(text, spaceEnd(text, 0))
}

/** Puts `"key": value` behind the last member of an object, in the way the text is laid out. */
export function addMember(text: string, object: JsonObject, key: string, value: unknown): string {
  const layout = layoutOf(text, object)
  const colon = layout.newline === null && !/":\s/.test(text) ? ":" : ": "
  return insert(text, object, layout, `${JSON.stringify(key)}${colon}${print(value, layout)}`)
}

/** Puts a value behind the last item of an array. */
export function addItem(text: string, array: JsonArray, value: unknown): string {
  const layout = layoutOf(text, array)
  return insert(text, array, layout, print(value, layout))
}

/** Takes a member or an item away, with the comma and the space that belonged to it. */
export function removePart(text: string, whole: JsonObject | JsonArray, index: number): string {
  const [before, part, after] = [whole.parts[index - 1], whole.parts[index], whole.parts[index + 1]]
  if (part === undefined) return text
  if (before !== undefined) return text.slice(0, before.to) + text.slice(part.to)
  if (after !== undefined) return text.slice(0, part.from) + text.slice(after.from)
  return text.slice(0, whole.from + 1) + text.slice(whole.to - 1)
}

interface Layout {
  /** null: on one line. */
  readonly newline: string | null
  readonly unit: string
  /** The indentation of a part of this whole. */
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

function print(value: unknown, { newline, unit, inner }: Layout): string {
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
  const outer = inner.slice(0, inner.length - unit.length)
  const filled = newline === null ? part : `${newline}${inner}${part}${newline}${outer}`
  return text.slice(0, whole.from + 1) + filled + text.slice(whole.to - 1)
}

function partAt(text: string, from: number): JsonPart {
  if (text[from] === "{") return objectAt(text, from)
  if (text[from] === "[") return arrayAt(text, from)
  if (text[from] === '"') return { kind: "other", from, to: stringEnd(text, from) }
  const length = /^[^\s,\]}]+/.exec(text.slice(from))?.[0].length ?? 0
  return { kind: "other", from, to: from + length }
}

function objectAt(text: string, from: number): JsonObject {
  const parts: JsonObject["parts"][number][] = []
  let at = spaceEnd(text, from + 1)
  while (text[at] !== "}") {
    const keyEnd = stringEnd(text, at)
    const value = partAt(text, spaceEnd(text, spaceEnd(text, keyEnd) + 1))
    parts.push({ key: JSON.parse(text.slice(at, keyEnd)), value, from: at, to: value.to })
    at = nextPart(text, value.to)
  }
  return { kind: "object", parts, from, to: at + 1 }
}

function arrayAt(text: string, from: number): JsonArray {
  const parts: JsonArray["parts"][number][] = []
  let at = spaceEnd(text, from + 1)
  while (text[at] !== "]") {
    const value = partAt(text, at)
    parts.push({ value, from: at, to: value.to })
    at = nextPart(text, value.to)
  }
  return { kind: "array", parts, from, to: at + 1 }
}

/** Where the next part begins, or the closing bracket stands. */
function nextPart(text: string, after: number): number {
  const at = spaceEnd(text, after)
  return text[at] === "," ? spaceEnd(text, at + 1) : at
}

function spaceEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at] ?? "")) at++
  return at
}

function stringEnd(text: string, from: number): number {
  let at = from + 1
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1
  return at + 1
}
