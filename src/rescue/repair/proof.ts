import type { ByteSource, JsonRecord, TranscriptRules } from "../../domain/transcript/rules.ts"

/** What a second reading showed: it shares no step with the repair but the rule of what a record is. */
export interface Proof {
  /** Every record that the second reader finds in the source is in the result, in the same order. */
  readonly holds: boolean
  /** Records found in the source. */
  readonly records: number
  /** Of these, how many the result lacks. */
  readonly lost: number
  /** Records of the result that are not in the source: what the repair added. */
  readonly added: number
  /** Lines that are too long or too broken to be searched whole. */
  readonly unsearched: number
}

export interface ProofOptions {
  readonly rules: TranscriptRules
  /** The rules of other agents, whose records are set aside. */
  readonly others: readonly TranscriptRules[]
  /** Whether the order of the records was changed. */
  readonly moved: boolean
  /** How many second copies of records were left out. */
  readonly copies: number
}

/**
 * Reads both again by other means and compares what they say. What a repair may change is taken out of both: links
 * between records, ids, halves of characters, and parts that an API refuses.
 */
export function prove(
  source: ByteSource,
  result: ByteSource,
  { rules, others, moved, copies }: ProofOptions,
): Proof {
  const isOurs = (value: JsonRecord) =>
    rules.isRecord(value) || !others.some((other) => other.isRecord(value))
  const wanted = readSecond(source, rules, isOurs)
  const had = readSecond(result, rules, isOurs)
  const lost = moved ? countMissing(wanted.prints, had.prints) : countOutOfStep(wanted.prints, had.prints)
  const { length: records } = wanted.prints
  return {
    holds: lost <= copies && wanted.unsearched + had.unsearched === 0,
    records,
    lost: Math.max(0, lost - copies),
    added: had.prints.length - (records - lost),
    unsearched: wanted.unsearched,
  }
}

/** How many of the wanted ones do not follow each other in the other list. */
function countOutOfStep(wanted: readonly string[], had: readonly string[]): number {
  const places = new Map<string, number[]>()
  for (const [index, print] of had.entries()) {
    const those = places.get(print)
    if (those === undefined) places.set(print, [index])
    else those.push(index)
  }
  let behind = 0
  let lost = 0
  for (const print of wanted) {
    const next = places.get(print)?.find((index) => index >= behind)
    if (next === undefined) lost++
    else behind = next + 1
  }
  return lost
}

function countMissing(wanted: readonly string[], had: readonly string[]): number {
  const left = new Map<string, number>()
  for (const print of had) left.set(print, (left.get(print) ?? 0) + 1)
  let lost = 0
  for (const print of wanted) {
    const count = left.get(print) ?? 0
    if (count === 0) lost++
    else left.set(print, count - 1)
  }
  return lost
}

const chunkBytes = 1 << 20
const maxSearchedBytes = 64 * chunkBytes

/** One print for each record, in the order of the file. */
function readSecond(source: ByteSource, rules: TranscriptRules, isOurs: (value: JsonRecord) => boolean) {
  const prints: string[] = []
  let unsearched = 0
  const take = (text: string) => {
    const value = parsed(text)
    const values = value === null ? search(text, rules) : [value]
    for (const each of values) if (isOurs(each)) prints.push(printOf(each, rules))
  }
  let decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let line: string[] = []
  let size = 0
  const finish = () => {
    line.push(decoder.decode())
    const text = line.join("")
    if (size > maxSearchedBytes) unsearched++
    else if (text.trim() !== "") take(text)
    decoder = new TextDecoder("utf-8", { ignoreBOM: true })
    line = []
    size = 0
  }
  for (let at = 0; at < source.length; at += chunkBytes) {
    const chunk = source.read(at, Math.min(chunkBytes, source.length - at))
    let from = 0
    for (let end = 0; end <= chunk.length; end++) {
      const isEnd = end === chunk.length
      if (!isEnd && chunk[end] !== 0x0a && chunk[end] !== 0) continue
      const piece = chunk.subarray(from, end)
      size += piece.length
      if (size <= maxSearchedBytes) line.push(decoder.decode(piece, { stream: true }))
      if (!isEnd) finish()
      from = end + 1
    }
  }
  finish()
  return { prints, unsearched }
}

/** The records in a line that is not one: at each brace, the text up to the brace that closes it. */
function search(text: string, rules: TranscriptRules): readonly JsonRecord[] {
  const found: JsonRecord[] = []
  for (let at = text.indexOf('{"'); at !== -1; ) {
    const end = closingBrace(text, at)
    const value = end === -1 ? null : parsed(text.slice(at, end))
    if (value !== null && rules.isRecord(value)) found.push(value)
    at = text.indexOf('{"', value === null ? at + 1 : end)
  }
  return found
}

/** Counts braces outside of strings and checks nothing else; -1 at a control character in a string. */
function closingBrace(text: string, from: number): number {
  const token = /"(?:[^"\\\u0000-\u001f]|\\.)*"|[{}]|"/g
  token.lastIndex = from
  let depth = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') return -1
    if (match[0] === "{") depth++
    else if (match[0] === "}" && --depth === 0) return token.lastIndex
  }
  return -1
}

function parsed(text: string): JsonRecord | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRecord) : null
  } catch {
    return null
  }
}

function printOf(value: JsonRecord, { parentKey, idKey }: TranscriptRules): string {
  const said = Object.entries(value).filter(([key]) => key !== parentKey && key !== idKey)
  const text = JSON.stringify(said.map(([key, each]) => [key, comparable(each)]))
  return new Bun.CryptoHasher("sha256").update(text).digest("base64")
}

/** Without what a repair may replace: images, texts without text, and halves of characters. */
function comparable(value: unknown): unknown {
  if (typeof value === "string") return value === "(no content)" ? "" : value.toWellFormed()
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(comparable).filter((each) => !isReplaceable(each))
  const entries = Object.entries(value).map(([key, each]) => [key, comparable(each)] as const)
  const isNothing = (each: unknown) => each === "" || (Array.isArray(each) && each.length === 0)
  return Object.fromEntries(
    entries.map(([key, each]) => [key, key === "content" && isNothing(each) ? null : each]),
  )
}

function isReplaceable(part: unknown): boolean {
  const { type, text } = (typeof part === "object" && part !== null ? part : {}) as Record<string, unknown>
  if (type === "image") return true
  return type === "text" && typeof text === "string" && (text === "" || text.startsWith("[image removed by "))
}
