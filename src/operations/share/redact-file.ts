import { type Fields, fieldsOf } from "../../sdk/values.ts"
import type { Redactor } from "./redactor.ts"

/** What was done to one file. */
export interface FileCounts {
  /** Lines that cannot be parsed: nobody can say what is in them. */
  unread: number
}

const maxLineBytes = 256 * 2 ** 20

/** The lines of a file of JSON records as they may be shared; a line that cannot be read is left out. */
export async function* redactLines(
  chunks: AsyncIterable<Uint8Array>,
  document: string,
  { redactor, counts }: { readonly redactor: Redactor; readonly counts: FileCounts },
): AsyncGenerator<Uint8Array> {
  for await (const { bytes, offset } of linesOf(chunks)) {
    if (bytes === null) {
      counts.unread++
      continue
    }
    const text = decode(bytes)
    if (text?.trim() === "") continue
    const value = text === null ? undefined : parse(text)
    // safety: share-pack-unread
    if (value === undefined) counts.unread++
    else yield Buffer.from(`${JSON.stringify(redactValue(value, document, { redactor, offset }))}\n`)
  }
}

/** A whole small file as it may be shared; null: it is no text. */
export function redactWhole(bytes: Uint8Array, document: string, redactor: Redactor): Uint8Array | null {
  const text = decode(bytes)
  if (text === null) return null
  const value = document.endsWith(".json") ? parse(text) : undefined
  return Buffer.from(
    value === undefined
      ? redactor.value(text, document, 0)
      : JSON.stringify(redactValue(value, document, { redactor, offset: 0 }), null, 2),
  )
}

interface At {
  readonly redactor: Redactor
  readonly offset: number
}

/** Every string of a value, also the names of its members. A picture becomes a text that says so. */
function redactValue(value: unknown, document: string, at: At): unknown {
  if (typeof value === "string") return redactText(value, document, at)
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((each) => redactValue(each, document, at))
  if (isPicture(value)) {
    at.redactor.notePicture()
    return { type: fieldsOf(value).type === "input_image" ? "input_text" : "text", text: leftOut }
  }
  const members = Object.entries(value).map(([key, each]) => [
    redactText(key, document, at), // safety: share-pack-values
    redactValue(each, document, at),
  ])
  return Object.fromEntries(members) as Fields
}

const leftOut = "[picture left out]"

function redactText(text: string, document: string, { redactor, offset }: At): string {
  if (!/^data:[^,]{1,100};base64,/.test(text)) return redactor.value(text, document, offset)
  redactor.notePicture()
  return leftOut
}

/** In the forms of Claude Code, Codex and Gemini. */
function isPicture(value: object): boolean {
  const { type, inlineData } = value as Fields
  return type === "image" || type === "input_image" || inlineData !== undefined
}

function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes("\0") ? null : text
  } catch {
    return null
  }
}

/** undefined: it is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ bytes: Uint8Array | null; offset: number }> {
  let parts: Uint8Array[] = []
  let length = 0
  let offset = 0
  const take = () => {
    const line = { bytes: length > maxLineBytes ? null : Buffer.concat(parts), offset }
    offset += length + 1
    parts = []
    length = 0
    return line
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      add(chunk.subarray(from, end))
      yield take()
      from = end + 1
    }
    add(chunk.subarray(from))
  }
  if (length > 0) yield take()

  function add(piece: Uint8Array): void {
    length += piece.length
    if (length <= maxLineBytes)
      parts.push(piece.slice()) // a chunk is valid only until the next one is read
    else parts = []
  }
}
