/** Back to an earlier point: a copy of a conversation under a new id that ends there. */
import { randomUUID } from "node:crypto"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { parseUuid, type SessionId, shortId } from "../../domain/session/session-id.ts"
import { findCompaction, linesFor, recordsBefore } from "../../domain/transcript/cut.ts"
import { type Entry, parseRecord, readEntries } from "../../domain/transcript/entries.ts"
import type { KeptFile } from "../../domain/transcript/rules.ts"
import { writeDerived } from "../../rescue/derive/derived-export.ts"
import type { Subject } from "../repair/subject.ts"

export interface Cut {
  readonly id: SessionId
  readonly entries: readonly Entry[]
  readonly kept: readonly number[]
  /** Messages that the copy has, and messages in all. */
  readonly messages: number
  readonly of: number
  /** Files as they were at that point. */
  readonly files: readonly KeptFile[]
}

/** Finds the point that was named: a compaction, the beginning of a record's id, or words of one prompt. */
export function planCut(subject: Subject, point: string): Cut {
  const { file, rules, others } = subject
  const { entries } = readEntries(file, rules, others)
  const cut = point === "compaction" ? findCompaction(entries) : findMessage(subject, entries, point)
  if (cut === null)
    throw new RescueError(
      "NOTHING_FOUND",
      `${subject.path} has no compaction: it is whole as it is`,
      "name a message: --before 'words of the prompt'",
    )
  const kept = recordsBefore(entries, cut, rules)
  const spoken = (indexes: Iterable<number>) =>
    [...indexes].filter((index) => entries[index]?.facts.speaker != null).length
  if (spoken(kept) === 0)
    throw new RescueError("REFUSED", "nothing was said before that point", "name a later one")
  const id = parseUuid(randomUUID())
  if (id === null) throw new Error("a new id is no id")
  return {
    id,
    entries,
    kept,
    messages: spoken(kept),
    of: spoken(entries.keys()),
    files: filesAt(subject, entries, kept),
  }
}

const maxListed = 10

function findMessage({ file, path, id }: Subject, entries: readonly Entry[], point: string): number {
  const words = JSON.stringify(point).slice(1, -1)
  const isId = /^[0-9a-f-]{6,36}$/i.test(point)
  const matches = entries.flatMap(({ facts, offset, length }, index) => {
    if (facts.chain !== "") return []
    if (isId && facts.id?.startsWith(point.toLowerCase())) return [index]
    const isPrompt = facts.speaker === "user" && facts.results.length === 0
    return isPrompt && Buffer.from(file.read(offset, length)).includes(words) ? [index] : []
  })
  const [only] = matches
  if (only === undefined)
    throw new RescueError(
      "NOTHING_FOUND",
      `no message of ${path} has "${point}"`,
      `see them: session-rescue show ${shortId(id)}`,
    )
  if (matches.length === 1) return only
  const lines = matches.slice(0, maxListed).map((index) => `  ${entries[index]?.facts.id ?? index}`)
  throw new RescueError(
    "AMBIGUOUS",
    `${matches.length} messages have "${point}":\n${lines.join("\n")}`,
    "give more words, or the beginning of one of these ids",
  )
}

function filesAt(
  { file, rules }: Subject,
  entries: readonly Entry[],
  kept: readonly number[],
): readonly KeptFile[] {
  if (rules.keptFiles === undefined) return []
  for (const index of kept.toReversed()) {
    const entry = entries[index]
    if (entry === undefined || entry.facts.parent !== undefined) continue
    const files = rules.keptFiles(parseRecord(file.read(entry.offset, entry.length)) ?? {})
    if (files !== null) return files
  }
  return []
}

/** Writes the copy as an export of a session of its own. */
export async function writeShortened(
  subject: Subject,
  { id, entries, kept, messages, of }: Cut,
  { folder, version, at }: { readonly folder: string; readonly version: string; readonly at: Date },
): Promise<{ saved: SavedExport; confirmed: boolean }> {
  const { file, rules, path, relative, session } = subject
  const original = shortId(subject.id)
  const title = session.title === null ? null : `${session.title} (an earlier point of ${original})`
  const note = `${messages} of ${of} messages of ${subject.id}, up to an earlier point; that session is unchanged`
  const bytes = () => linesFor(file, entries, kept, { rules, id })
  return writeDerived({
    folder,
    id,
    session: {
      ...session,
      id,
      title,
      transcript: null,
      state: "COMPLETED",
      detail: "an earlier point",
      flags: [],
    },
    files: [{ role: "transcript", source: path, relative: relative.replaceAll(subject.id, id), bytes }],
    derivation: { kind: "shortened", from: [{ path, what: note }], notes: [note] },
    version,
    at,
  })
}
