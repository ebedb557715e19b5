/**
 * JSON text with the position of each part, so that one part can be changed while every other byte is kept.
 */
export type JsonPart = JsonObject | JsonArray | JsonOther
interface Span {
  readonly from: number
  /** Offset after its last character. */
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
interface JsonOther extends Span {
  readonly kind: "other"
}

/** Parses JSON text; null when it is not valid JSON (comments are not allowed). */
export function readJsonText(text: string): JsonPart | null {
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  return partAt(text, skipSpace(text, 0))
}

/**
 * JSON with comments and trailing commas as plain JSON of the same length: their places are blank, so that every
 * position means the same in both.
 */
export function blankComments(text: string): string {
  const blank = (found: string) => found.replace(/[^\r\n]/g, " ")
  const bare = text.replace(stringOrComment, (found) => (found.startsWith('"') ? found : blank(found)))
  return bare.replace(stringOrComma, (found) => (found.startsWith('"') ? found : blank(found)))
}

const stringOrComment = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
const stringOrComma = /"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g

function partAt(text: string, from: number): JsonPart {
  if (text[from] === "{") return objectAt(text, from)
  if (text[from] === "[") return arrayAt(text, from)
  if (text[from] === '"') return { kind: "other", from, to: stringEnd(text, from) }
  const length = /^[^\s,\]}]+/.exec(text.slice(from))?.[0].length ?? 0
  return { kind: "other", from, to: from + length }
}

function objectAt(text: string, from: number): JsonObject {
  const parts: JsonObject["parts"][number][] = []
  let at = skipSpace(text, from + 1)
  while (text[at] !== "}") {
    const keyEnd = stringEnd(text, at)
    const value = partAt(text, skipSpace(text, skipSpace(text, keyEnd) + 1))
    parts.push({ key: JSON.parse(text.slice(at, keyEnd)), value, from: at, to: value.to })
    at = nextPart(text, value.to)
  }
  return { kind: "object", parts, from, to: at + 1 }
}

function arrayAt(text: string, from: number): JsonArray {
  const parts: JsonArray["parts"][number][] = []
  let at = skipSpace(text, from + 1)
  while (text[at] !== "]") {
    const value = partAt(text, at)
    parts.push({ value, from: at, to: value.to })
    at = nextPart(text, value.to)
  }
  return { kind: "array", parts, from, to: at + 1 }
}

/** Offset of the next part or of the closing bracket. */
function nextPart(text: string, after: number): number {
  const at = skipSpace(text, after)
  return text[at] === "," ? skipSpace(text, at + 1) : at
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at] ?? "")) at++
  return at
}

function stringEnd(text: string, from: number): number {
  let at = from + 1
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1
  return at + 1
}
