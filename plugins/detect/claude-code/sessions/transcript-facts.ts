import {
  type Context,
  type DiskPath,
  type FileReading,
  type FileStat,
  type FootprintFile,
  type FoundSession,
  futureToleranceMs,
  isSameVersion,
  joinPath,
  type OpenFile,
  parseLine,
  showPath,
} from "session-rescue"
import { toLine } from "../records/title.ts"
import { factsFormat, isLasting, readFacts, type TranscriptFacts } from "../transcript/facts.ts"
import { detectDataOf } from "./to-session.ts"

/** What the index knows of the transcript, if that is still as it was found. */
export function knownFacts(ctx: Context, found: FoundSession): TranscriptFacts | null {
  const { transcript, transcriptStat: stat } = found
  if (typeof transcript !== "string" || stat == null || ctx.facts === undefined) return null
  const known = ctx.facts.get(transcript, stat, format) as TranscriptFacts | undefined
  return known !== undefined && isLasting(known, latest(ctx)) ? known : null
}

interface FactsQuery {
  readonly known: TranscriptFacts | null
  /** A name is needed that is not near the end. */
  readonly olderName: boolean
}

export function factsOfTranscript(
  ctx: Context,
  found: FoundSession,
  file: FootprintFile,
  { known, olderName }: FactsQuery,
): TranscriptFacts {
  const asFound = statOf(found, file)
  if (known !== null && asFound !== null && (known.olderName !== undefined || !olderName)) return known
  const { path, size } = file
  const wanted = { path, size, slug: slugIn(detectDataOf(found).project), until: latest(ctx), olderName }
  const read = ctx.files.open(path, (opened) => {
    const reading = new OpenReading(opened)
    const facts = readFacts(reading, wanted)
    const isAsFound = asFound !== null && isSameVersion(opened.stat(), asFound) // safety: facts-same
    if (isAsFound && !reading.hasFailed && isLasting(facts, wanted.until))
      ctx.facts?.keep?.(String(path), asFound, format, facts)
    return facts
  })
  return read ?? readFacts(unreadable, wanted)
}

/** Later times are ignored, in milliseconds since 1970. */
function latest({ now }: Context): number {
  return now + futureToleranceMs
}

const format = `claude-code ${factsFormat}`
const unreadable: FileReading = { files: { read: () => null } }

/** The stat of the transcript as it was found, unless it has changed since then. */
function statOf(
  { transcript, transcriptStat: stat }: FoundSession,
  { path, size, modifiedAt }: FootprintFile,
): FileStat | null {
  const isSame = typeof path === "string" && path === transcript && stat?.size === size
  return isSame && stat.modifiedAt === modifiedAt ? stat : null
}

class OpenReading implements FileReading {
  readonly files: FileReading["files"]
  hasFailed = false

  constructor({ read }: OpenFile) {
    this.files = {
      read: (_path, offset, length) => {
        const bytes = read(offset, length)
        if (bytes === null) this.hasFailed = true
        return bytes
      },
    }
  }
}

function slugIn(project: DiskPath | null): string | null {
  return project === null ? null : showPath(project).slice(showPath(project).lastIndexOf("/") + 1)
}

/**
 * The name that the user gave a session, from its folder: 2.1.332 writes it into `custom-title.json`, and again into the
 * transcript at every exit (observed); in an older transcript it may be anywhere in the middle.
 */
export function nameBeside(ctx: Context, found: FoundSession): string | null {
  const { project, hasFolder } = detectDataOf(found)
  if (!hasFolder || project === null || found.id === null || found.transcript === null) return null
  const bytes = ctx.files.read(joinPath(joinPath(project, found.id), "custom-title.json"), 0, 64 << 10)
  return bytes === null ? null : toLine(parseLine(bytes)?.customTitle)
}
