/** Exports as they may be handed to others: secrets blacked out, the home folder written as `~`. Best effort. */
import { RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile, SessionRecord } from "../../domain/export/manifest.ts"
import { parseSessionId } from "../../domain/session/session-id.ts"
import { type DerivedFile, writeDerived } from "../../rescue/derive/derived-export.ts"
import { discard } from "../../system/fs/durable.ts"
import { ScratchFile } from "../../system/fs/scratch-file.ts"
import { redactLines, redactWhole } from "../share/redact-file.ts"
import { Redactor, type ShareReport } from "../share/redactor.ts"

/** What was blacked out and left out of a pack, for the person who hands it out. */
export interface SharedReport extends ShareReport {
  /** Lines of transcripts that cannot be read. */
  readonly unreadLines: number
  /** Files that are no text, or too large to be read at once. */
  readonly leftOut: readonly string[]
}

export interface ShareOptions {
  readonly read: ReadStored
  /** The person's home folders. */
  readonly homes: readonly string[]
  readonly folder: string
  readonly version: string
  readonly at: Date
}

/** Makes redacted copies in `folder`, hands them to `use`, and removes them. */
export async function withShared<T>(
  exports: readonly SavedExport[],
  options: ShareOptions,
  use: (shared: readonly SavedExport[], report: SharedReport) => Promise<T>,
): Promise<T> {
  const redactor = new Redactor(options.homes, { clientTexts: true })
  const leftOut: string[] = []
  const counts = { unread: 0 }
  const scratch = new ScratchFile(`${options.folder}.text`)
  try {
    const shared: SavedExport[] = []
    for (const saved of exports)
      shared.push(await redactExport(saved, { redactor, leftOut, counts, scratch }, options))
    return await use(shared, { ...redactor.report, unreadLines: counts.unread, leftOut })
  } finally {
    scratch.close()
    discard(options.folder)
  }
}

interface Redacting {
  readonly redactor: Redactor
  readonly leftOut: string[]
  readonly counts: { unread: number }
  readonly scratch: ScratchFile
}

const note =
  "redacted for others: what looks like a secret is blacked out, ~ is the home folder; best effort, a list of patterns finds what it describes"

async function redactExport(
  saved: SavedExport,
  redacting: Redacting,
  { read, folder, version, at }: ShareOptions,
): Promise<SavedExport> {
  const { redactor, leftOut } = redacting
  const { session, files: all } = saved.manifest
  const id = parseSessionId(session.id)
  if (id === null || all.some(({ rows }) => rows !== undefined))
    throw new RescueError(
      "REFUSED",
      `${session.id} is rows of a database, which cannot be redacted: nothing was written`,
      "share it as pages: session-rescue render SESSION --to FOLDER --share",
    )
  const before = {
    unread: redacting.counts.unread,
    secrets: redactor.report.secrets.length,
    left: leftOut.length,
  }
  const files: DerivedFile[] = []
  for (const file of all) {
    const relative = redactor.name(file.relative)
    const bytes = await redactFile(read(saved, file), file, redacting)
    if (bytes === null) leftOut.push(relative)
    else {
      const tie = file.tie === undefined ? {} : { tie: redactor.name(file.tie) }
      files.push({ role: file.role, source: redactor.name(file.source), relative, bytes, ...tie })
    }
  }
  const { unread } = redacting.counts
  const notes = [
    note,
    `blacked out: ${redactor.report.secrets.length - before.secrets}`,
    ...(unread > before.unread ? [`lines that cannot be read, left out: ${unread - before.unread}`] : []),
    ...(leftOut.length > before.left
      ? [`files that are no text, left out: ${leftOut.length - before.left}`]
      : []),
  ]
  const made = await writeDerived({
    ...{ folder, id, version, at, files },
    // safety: share-pack-session
    session: redactNames(session, redactor),
    derivation: { kind: "redacted", from: [], notes },
  })
  return made.saved
}

function redactNames(session: SessionRecord, redactor: Redactor): SessionRecord {
  const entries = Object.entries(session)
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "string" ? redactor.name(value) : value]),
  ) as SessionRecord
}

const maxTextBytes = 64 * 2 ** 20

/** The redacted bytes, kept in the scratch file; null: it is left out. */
async function redactFile(
  chunks: AsyncIterable<Uint8Array>,
  { role, relative, length }: ManifestFile,
  { redactor, counts, scratch }: Redacting,
): Promise<DerivedFile["bytes"] | null> {
  const from = scratch.length
  if (role === "transcript" || relative.endsWith(".jsonl")) {
    for await (const line of redactLines(chunks, relative, { redactor, counts })) scratch.add(line)
  } else {
    if (length > maxTextBytes) return null
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk.slice())
    const text = redactWhole(Buffer.concat(parts), relative, redactor)
    if (text === null) return null
    scratch.add(text)
  }
  const to = scratch.length
  return () => pieces(scratch, from, to)
}

const pieceBytes = 1 << 20

function* pieces(scratch: ScratchFile, from: number, to: number): Generator<Uint8Array> {
  for (let at = from; at < to; at += pieceBytes) {
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, to - at))
    scratch.read(at, buffer)
    yield buffer
  }
}
