import type { ByteSource } from "./rules.ts"

/** A part of a line without NUL bytes, or a run of these. */
export interface Stretch {
  readonly kind: "text" | "nul" | "too-long"
  readonly offset: number
  readonly length: number
  /** The bytes of a text; valid until the next one. */
  readonly bytes: Uint8Array | null
  /** Whether a newline follows at once. */
  readonly endsLine: boolean
}

const chunkBytes = 1 << 20
const newline = 0x0a

/** JSON.parse of a longer one needs more memory than is worth it; the longest line seen in the field had 13 MB. */
const maxLineBytes = 256 * (1 << 20)

/** Every byte of a file but its newlines, in order. Memory is bounded by the longest line, at most `longest`. */
export function* readStretches(source: ByteSource, longest = maxLineBytes): Generator<Stretch> {
  let offset = 0
  while (offset < source.length) {
    const first = source.read(offset, 1)[0]
    if (first === newline) {
      offset++
      continue
    }
    const isNul = first === 0
    const end = isNul ? endOfRun(source, offset) : endOfText(source, offset)
    const endsLine = end < source.length && source.read(end, 1)[0] === newline
    const length = end - offset
    const kind = isNul ? "nul" : length > longest ? "too-long" : "text"
    const bytes = kind === "text" ? source.read(offset, length) : null
    yield { kind, offset, length, bytes, endsLine }
    offset = end
  }
}

function endOfRun(source: ByteSource, from: number): number {
  for (let at = from; at < source.length; at += chunkBytes) {
    const chunk = source.read(at, Math.min(chunkBytes, source.length - at))
    const other = chunk.findIndex((byte) => byte !== 0)
    if (other !== -1) return at + other
  }
  return source.length
}

function endOfText(source: ByteSource, from: number): number {
  for (let at = from; at < source.length; at += chunkBytes) {
    const chunk = source.read(at, Math.min(chunkBytes, source.length - at))
    const line = chunk.indexOf(newline)
    const nul = (line === -1 ? chunk : chunk.subarray(0, line)).indexOf(0)
    if (nul !== -1) return at + nul
    if (line !== -1) return at + line
  }
  return source.length
}
