import { endOfValue, skipBlanks } from "./json-scan.ts"
import type { ByteSource, JsonRecord, RefusedPart, TranscriptRecordFacts, TranscriptRules } from "./rules.ts"
import { readStretches } from "./stretches.ts"
import { findLoneSurrogates } from "./surrogates.ts"

/** A record that can be read, and where it is. */
export interface Entry {
  readonly offset: number
  readonly length: number
  readonly facts: TranscriptRecordFacts
  /** Nothing else is on its line. */
  readonly isAlone: boolean
  /** What is before it on its line are whole records. */
  readonly followsRecords: boolean
  /** What is before it on its line has no brace and no quote, but in whole records. */
  readonly followsNoise: boolean
  readonly endsLine: boolean
  readonly loneSurrogates: number
  readonly isUtf8: boolean
  readonly isHead: boolean
  /** Its parts that the API refuses. */
  readonly refused: readonly Pick<RefusedPart, "kind" | "handledSince" | "unhandled">[]
}

/** A stretch without a record of this agent. */
export interface Gap {
  readonly offset: number
  readonly length: number
  readonly kind: "torn-line" | "nul-run" | "not-json" | "null-line" | "line-too-long" | "two-formats"
  /** It can be parsed: every client skips it, or reads it as something else. */
  readonly isJson: boolean
}

export interface Reading {
  readonly entries: readonly Entry[]
  readonly gaps: readonly Gap[]
}

interface Place {
  readonly start: number
  readonly end: number
  readonly value: JsonRecord
}

/** Reads every record that there is, also in lines that are not whole. `others`: the rules of other agents. */
export function readEntries(
  source: ByteSource,
  rules: TranscriptRules,
  others: readonly TranscriptRules[],
): Reading {
  const entries: Entry[] = []
  const gaps: Gap[] = []
  let lineStarts = true // whether the last stretch ended its line
  let isNoise = true // whether what was read of the line has no brace and no quote outside of records
  for (const stretch of readStretches(source)) {
    const startsLine = lineStarts
    isNoise ||= startsLine
    lineStarts = stretch.endsLine
    const { offset, length, bytes } = stretch
    if (bytes === null) {
      isNoise &&= stretch.kind === "nul"
      gaps.push({ offset, length, kind: stretch.kind === "nul" ? "nul-run" : "line-too-long", isJson: false })
      continue
    }
    const { endsLine } = stretch
    const isLineEnd = endsLine || offset + length === source.length
    const places = readStretch(bytes, rules)
    const isWhole = places.length === 1 && places[0]?.start === 0 && places[0].end === bytes.length
    const isAlone = isWhole && startsLine && isLineEnd
    let behind = 0
    let followsRecords = startsLine
    for (const { start, end, value } of places) {
      const hasGap = addGap(gaps, bytes, { from: behind, to: start, offset, isJson: false })
      followsRecords &&= !hasGap
      isNoise &&= !hasGap || !hasMarks(bytes.subarray(behind, start))
      behind = end
      if (!rules.isRecord(value) && others.some((other) => other.isRecord(value)))
        gaps.push({ offset: offset + start, length: end - start, kind: "two-formats", isJson: true })
      else {
        const place = {
          offset: offset + start,
          length: end - start,
          isAlone,
          endsLine,
          followsRecords,
          followsNoise: isNoise,
        }
        entries.push({ ...place, ...describeRecord(bytes.subarray(start, end), value, rules) })
      }
    }
    addGap(gaps, bytes, {
      from: behind,
      to: bytes.length,
      offset,
      isJson: places.length === 0 && isJson(bytes),
    })
    isNoise &&= !hasMarks(bytes.subarray(behind))
  }
  return { entries, gaps }
}

function addGap(
  gaps: Gap[],
  bytes: Uint8Array,
  { from, to, offset, isJson: json }: { from: number; to: number; offset: number; isJson: boolean },
): boolean {
  const start = skipBlanks(bytes, from)
  if (start >= to) return false
  const looksTorn = bytes[start] === 0x7b || bytes.subarray(start, to).includes(0x7d)
  const kind = looksTorn && !json ? "torn-line" : isNull(bytes.subarray(start, to)) ? "null-line" : "not-json"
  gaps.push({ offset: offset + start, length: to - start, kind, isJson: json })
  return true
}

function hasMarks(bytes: Uint8Array): boolean {
  return [0x22, 0x7b, 0x7d].some((mark) => bytes.includes(mark))
}

function isNull(bytes: Uint8Array): boolean {
  return bytes.length < 16 && new TextDecoder().decode(bytes).trim() === "null"
}

function isJson(bytes: Uint8Array): boolean {
  const end = endOfValue(bytes, 0)
  return end >= 0 && skipBlanks(bytes, end) >= bytes.length
}

/** The records in a line: the line itself where it is one, else each that can be cut out of it. */
function readStretch(bytes: Uint8Array, rules: TranscriptRules): readonly Place[] {
  const value = parseRecord(bytes)
  if (value !== null) return [{ start: 0, end: bytes.length, value }]
  const places: Place[] = []
  let budget = 64 * bytes.length + (1 << 20) // of bytes looked at; a crafted line must not take forever
  for (let at = bytes.indexOf(0x7b); at !== -1 && budget > 0; ) {
    const isObject = bytes[skipBlanks(bytes, at + 1)] === 0x22
    const end = isObject ? endOfValue(bytes, at) : ~at
    budget -= 1 + (end < 0 ? ~end : end) - at
    const found = end < 0 ? null : parseRecord(bytes.subarray(at, end))
    if (found !== null && rules.isRecord(found)) places.push({ start: at, end, value: found })
    at = bytes.indexOf(0x7b, end < 0 ? at + 1 : end)
  }
  return places
}

/** null when it is not an object. Bytes that are not UTF-8 are read as the client reads them. */
export function parseRecord(bytes: Uint8Array): JsonRecord | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes))
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRecord) : null
  } catch {
    return null
  }
}

function describeRecord(bytes: Uint8Array, value: JsonRecord, rules: TranscriptRules) {
  return {
    facts: rules.facts(value),
    loneSurrogates: findLoneSurrogates(bytes).length,
    isUtf8: isUtf8(bytes),
    isHead: rules.isHead?.(value) ?? true,
    refused: rules.refusedParts(value),
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
