import {
  type Context,
  type DiskPath,
  type FileReading,
  type FileStat,
  type FootprintFile,
  type FoundSession,
  fileIdentity,
  joinPath,
  type OpenFile,
  parseLine,
  showPath,
} from "session-rescue"
import { futureToleranceMs } from "../records/activity.ts"
import { toLine } from "../records/title.ts"
import { factsFormat, isLasting, readFacts, type TranscriptFacts } from "../transcript/facts.ts"
import { detectDataOf } from "./to-session.ts"

/** `olderName`: whether a name is needed that is not near the end. */
export function factsOfTranscript(
  ctx: Context,
  found: FoundSession,
  file: FootprintFile,
  olderName: boolean,
): TranscriptFacts {
  const { path, size } = file
  const slug = slugIn(detectDataOf(found).project)
  const wanted = { path, size, slug, until: ctx.now + futureToleranceMs, olderName }
  const asFound = statOf(found, file)
  const known = asFound && (ctx.facts?.get(String(path), asFound, format) as TranscriptFacts | undefined)
  if (known && isLasting(known, wanted.until) && (known.olderName !== undefined || !olderName)) return known
  const read = ctx.files.open(path, (opened) => {
    const reading = new OpenReading(opened)
    const facts = readFacts(reading, wanted)
    const isAsFound = asFound !== null && fileIdentity(opened.stat()) === fileIdentity(asFound) // safety: facts-same
    if (isAsFound && !reading.hasFailed && isLasting(facts, wanted.until))
      ctx.facts?.keep?.(String(path), asFound, format, facts)
    return facts
  })
  return read ?? readFacts(unreadable, wanted)
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
