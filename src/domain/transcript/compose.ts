import type { Analysis, LineChanges } from "./analyse.ts"
import { type Entry, parseRecord } from "./entries.ts"
import { type Inserts, planInserts } from "./inserts.ts"
import { editJson, type JsonEdit } from "./json-scan.ts"
import type { ByteSource, SessionIdentity, TranscriptRules } from "./rules.ts"
import { replaceLoneSurrogates } from "./surrogates.ts"

export const repairSteps = [
  "line-separated",
  "newline-added",
  "stretch-set-aside",
  "copy-dropped",
  "parent-relinked",
  "id-renewed",
  "result-added",
  "call-added",
  "head-added",
  "content-filled",
  "image-changed",
  "characters-replaced",
  "record-moved",
] as const
export type RepairStepKind = (typeof repairSteps)[number]

export interface RepairStep {
  readonly kind: RepairStepKind
  readonly count: number
}

/** How a transcript is put together again: its lines, and what was changed, counted once all lines were read. */
export interface Composition {
  lines(): Generator<Uint8Array>
  steps(): readonly RepairStep[]
}

export interface Composing {
  readonly rules: TranscriptRules
  readonly session: SessionIdentity
  /** Makes an id for a new record. */
  newId(): string
}

/** The repaired transcript: every readable record, byte for byte but for what is counted. */
export function compose(source: ByteSource, analysis: Analysis, composing: Composing): Composition {
  const counts = new Map<RepairStepKind, number>()
  const count = (kind: RepairStepKind, more = 1) => {
    if (more > 0) counts.set(kind, (counts.get(kind) ?? 0) + more)
  }
  const { reading, changes } = analysis
  const { rules, session, newId } = composing
  const { entries } = reading
  const recordAt = (entry: Entry) => parseRecord(source.read(entry.offset, entry.length)) ?? {}
  const inserts = planInserts(entries, changes, { rules, newId, recordAt })
  const added = (record: unknown, kind: RepairStepKind) => {
    count(kind)
    return withNewline(new TextEncoder().encode(JSON.stringify(record)))
  }

  function* lines(): Generator<Uint8Array> {
    counts.clear()
    count("stretch-set-aside", reading.gaps.length)
    count("record-moved", changes.moved.length)
    const first = entries[changes.order[0] ?? -1]
    if (first?.isHead === false && rules.lostHead !== undefined)
      yield added(rules.lostHead(recordAt(first), session), "head-added")
    for (const index of changes.order) {
      const entry = entries[index]
      if (entry === undefined) continue
      for (const record of inserts.before(index)) yield added(record, "call-added")
      const repairing = { changes, rules, inserts, count }
      yield withNewline(repairRecord(source.read(entry.offset, entry.length), { entry, index, ...repairing }))
      for (const record of inserts.behind(index)) yield added(record, "result-added")
    }
    count("copy-dropped", changes.dropped.size)
  }

  const steps = () =>
    repairSteps.flatMap((kind) => (counts.has(kind) ? [{ kind, count: counts.get(kind) ?? 0 }] : []))
  return { lines, steps }
}

interface Repairing {
  readonly entry: Entry
  readonly index: number
  readonly changes: LineChanges
  readonly rules: TranscriptRules
  readonly inserts: Inserts
  count(kind: RepairStepKind): void
}

/** One record, with what has to change in it. */
function repairRecord(bytes: Uint8Array, repairing: Repairing): Uint8Array {
  const { entry, index, changes, rules, inserts, count } = repairing
  if (!entry.isAlone) count("line-separated")
  else if (!entry.endsLine) count("newline-added")
  const clean = changes.cleaned.has(index) ? cleaned(bytes) : bytes
  if (clean !== bytes) count("characters-replaced")
  const edits: JsonEdit[] = []
  if (changes.parts.has(index))
    for (const { kind, edit } of rules.refusedParts(parseRecord(clean) ?? {})) {
      count(kind === "empty-content" ? "content-filled" : "image-changed")
      edits.push(edit)
    }
  const id = inserts.renewed.get(index)
  if (id !== undefined) {
    count("id-renewed")
    edits.push({ path: [rules.idKey], value: id })
  }
  const parent = inserts.parents.get(index)
  if (parent !== undefined) {
    count("parent-relinked")
    edits.push({ path: [rules.parentKey], value: parent })
  }
  return editJson(clean, edits) ?? clean
}

function cleaned(bytes: Uint8Array): Uint8Array {
  return replaceLoneSurrogates(
    new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)),
  )
}

function withNewline(bytes: Uint8Array): Uint8Array {
  const line = new Uint8Array(bytes.length + 1)
  line.set(bytes)
  line[bytes.length] = 0x0a
  return line
}
