import { randomUUID } from "node:crypto"
import { type Entry, parseRecord, readEntries } from "../../domain/transcript/entries.ts"
import { editJson } from "../../domain/transcript/json-scan.ts"
import type { SessionIdentity, TranscriptRules } from "../../domain/transcript/rules.ts"
import type { RecoveryRules } from "./known.ts"
import type { RecordRemnant, Remnants, TextRemnant } from "./remnant-types.ts"

/** One piece of the recovered conversation. */
interface RecordPiece {
  readonly remnant: RecordRemnant
  readonly entry: Entry
  readonly time: number
}
interface TextPiece {
  readonly text: TextRemnant
  readonly time: number
}
type Piece = RecordPiece | TextPiece

export interface Merged {
  readonly pieces: readonly Piece[]
  /** Records that each remnant gave, and words that each kind gave. */
  readonly given: ReadonlyMap<RecordRemnant | TextRemnant["kind"], number>
  readonly messages: number
  readonly texts: number
}

/** Words are looked for in this much of what the records say. */
const maxSaidChars = 1 << 27

/** Every record once, from the best remnant that has it, and the words of which there is no record, by time. */
export function mergeRemnants(remnants: Remnants, id: string, rules: TranscriptRules): Merged {
  const given = new Map<RecordRemnant | TextRemnant["kind"], number>()
  const seen = new Set<string>()
  const records: RecordPiece[] = []
  const spans: Span[] = []
  let said = ""
  for (const remnant of remnants.records) {
    const { file, isForeign } = remnant
    let time = 0
    let first: number | null = null
    const copies = new Map<string, number>()
    for (const entry of readEntries(file, rules, []).entries) {
      const { facts } = entry
      time = facts.time ?? time
      first ??= facts.time
      const bytes = file.read(entry.offset, entry.length)
      if (isForeign && parseRecord(bytes)?.sessionId !== id) continue
      const key = facts.id ?? contentKey(bytes, copies)
      if (seen.has(key)) continue
      seen.add(key)
      given.set(remnant, (given.get(remnant) ?? 0) + 1)
      if (facts.speaker !== null && said.length < maxSaidChars) said += Buffer.from(bytes).toString()
      records.push({ remnant, entry, time })
    }
    if (!isForeign && first !== null) spans.push({ first, last: time })
  }
  const texts = newTexts(remnants.texts, { said, spans })
  for (const { text } of texts) given.set(text.kind, (given.get(text.kind) ?? 0) + 1)
  const pieces = [...records, ...texts].toSorted((a, b) => a.time - b.time)
  const messages = records.filter(({ entry }) => entry.facts.speaker !== null).length
  return { pieces, given, messages, texts: texts.length }
}

/** Without ids, two equal records of one file are two: each is matched with its counterpart in other files. */
function contentKey(bytes: Uint8Array, copies: Map<string, number>): string {
  const sum = new Bun.CryptoHasher("sha256").update(bytes).digest("base64")
  const number = (copies.get(sum) ?? 0) + 1
  copies.set(sum, number)
  return `${sum} ${number}` // safety: recover-equal-records
}

/** From when to when one file holds the session. */
interface Span {
  readonly first: number
  readonly last: number
}

/** A prompt is noted in the list of prompts a little before it is in the transcript. */
const noteMs = 5000

/** Commands of the client that say nothing to the model, and that end or leave a session. */
const ownCommand =
  /^\s*\/?(?:exit|quit|clear|new|reset|resume|continue|model|config|status|cost|context|help|login|logout)\s*$/

interface Known {
  readonly said: string
  readonly spans: readonly Span[]
}

/** Words that no record and no earlier words have. */
function newTexts(all: readonly TextRemnant[], { said, spans }: Known): readonly TextPiece[] {
  const known = new Set<string>()
  return all.flatMap((text): TextPiece[] => {
    const words = text.text.trim()
    const isKnown = known.has(words) || said.includes(JSON.stringify(words).slice(1, -1))
    known.add(words)
    return isKnown || isElsewhere(text, spans) ? [] : [{ text, time: text.time ?? 0 }]
  })
}

/**
 * While a transcript was written, its records have all that was typed: under other words (`[Pasted text #1]`), or it was a
 * command of the client.
 */
function isElsewhere({ kind, text, time }: TextRemnant, spans: readonly Span[]): boolean {
  if (kind !== "history.jsonl") return false
  if (ownCommand.test(text)) return true
  if (time === null) return false
  return spans.some(({ first, last }) => time >= first - noteMs && time <= last)
}

/** The pieces as lines of one transcript that begins with `notice`; what follows added words follows them. */
export function* linesOf(
  { pieces }: Merged,
  notice: string,
  { rules, session }: { readonly rules: RecoveryRules; readonly session: SessionIdentity },
): Generator<Uint8Array> {
  const { spoken } = rules
  const line = (record: unknown) => Buffer.from(`${JSON.stringify(record)}\n`)
  let last = randomUUID() as string
  let isAdded = true // whether the last message is one of ours
  yield line(
    spoken({ id: last, parent: null, role: "user", text: notice, time: pieces[0]?.time ?? 0 }, session),
  )
  for (const piece of pieces) {
    if ("text" in piece) {
      const { role, text, kind } = piece.text
      const id = randomUUID()
      const words = `[recovered from the ${kind === "index" ? "index" : "list of prompts"}] ${text}`
      yield line(spoken({ id, parent: last, role, text: words, time: piece.time }, session))
      last = id
      isAdded = true
      continue
    }
    const { remnant, entry } = piece
    const { facts } = entry
    const bytes = remnant.file.read(entry.offset, entry.length)
    const isMain = facts.parent !== undefined && facts.chain === ""
    const linked = isMain && isAdded ? editJson(bytes, [{ path: [rules.parentKey], value: last }]) : bytes
    yield Buffer.concat([linked ?? bytes, Buffer.from("\n")])
    if (isMain && facts.id !== null) {
      last = facts.id
      isAdded = false
    }
  }
}
