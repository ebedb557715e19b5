import { MiB } from "../../domain/bytes.ts"
import { showPath } from "../../domain/disk-path.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { Files } from "../../system/fs/files.ts"
import type { RunContext } from "../run-context.ts"

const chunkBytes = 4 * MiB

/**
 * For an id that is in several places (a project folder that was moved, refiled, or used from two folders),
 * picks the copy that all the others are a prefix of, with a warning; among equal copies the newest. null
 * when the copies have diverged.
 */
export function pickLongestCopy(fits: readonly FoundSession[], ctx: RunContext): FoundSession | null {
  const [first, ...more] = fits.toSorted(
    (a, b) =>
      b.transcriptSize - a.transcriptSize ||
      Number(b.process !== null) - Number(a.process !== null) ||
      (b.modifiedAt ?? 0) - (a.modifiedAt ?? 0),
  )
  if (first === undefined || more.length === 0) return first ?? null
  if (fits.some(({ id, transcript }) => id === null || id !== first.id || transcript === null)) return null
  if (more.some((other) => other.process !== null)) return null // regardless of length: it is in use
  if (!more.every((other) => beginsWith(first, other, ctx.files))) return null // safety: longer-holds-all
  const places = more.map(({ transcript }) => showPath(transcript ?? "")).join(", ")
  ctx.warn(
    `${first.id} has ${fits.length} transcripts: using ${showPath(first.transcript ?? "")}, ` +
      `which begins with the whole of ${places}`,
  )
  return first
}

function beginsWith(longer: FoundSession, shorter: FoundSession, files: Files): boolean {
  if (longer.transcript === null || shorter.transcript === null) return false
  const size = files.stat(shorter.transcript)?.size ?? -1
  for (let at = 0; at < size; at += chunkBytes) {
    const length = Math.min(chunkBytes, size - at)
    const [mine, theirs] = [longer, shorter].map(({ transcript }) => files.read(transcript ?? "", at, length))
    if (mine == null || theirs?.length !== length || Buffer.compare(mine, theirs) !== 0) return false
  }
  return size >= 0
}
