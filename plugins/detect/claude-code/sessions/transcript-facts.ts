import {
  type Context,
  type DiskPath,
  type FileReading,
  type FootprintFile,
  type FoundSession,
  joinPath,
  type OpenFile,
  parseLine,
  showPath,
} from "session-rescue"
import { futureToleranceMs } from "../records/activity.ts"
import { toLine } from "../records/title.ts"
import { readFacts, type TranscriptFacts } from "../transcript/facts.ts"
import { detectDataOf } from "./to-session.ts"

const unreadable: FileReading = { files: { read: () => null } }

function readingOf({ read }: OpenFile): FileReading {
  return { files: { read: (_path, offset, length) => read(offset, length) } }
}

/** `olderName`: whether a name is needed that is not near the end. */
export function factsOfTranscript(
  ctx: Context,
  found: FoundSession,
  { path, size }: FootprintFile,
  olderName: boolean,
): TranscriptFacts {
  const wanted = {
    path,
    size,
    slug: slugIn(detectDataOf(found).project),
    until: ctx.now + futureToleranceMs,
    olderName,
  }
  return ctx.files.open(path, (file) => readFacts(readingOf(file), wanted)) ?? readFacts(unreadable, wanted)
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
