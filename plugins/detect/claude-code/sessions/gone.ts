import { type Context, type FoundSession, joinPath, type Session, showPath } from "session-rescue"
import { relativeTo } from "../footprint/footprint.ts"
import { wasPrompted } from "../records/clean-exit.ts"
import { detectDataOf } from "./to-session.ts"

/**
 * What only a running client still knows: it was prompted, or an export has its transcript, and no transcript is there.
 * An export holds what was said until then; what came after it is in no file.
 */
export function goneTranscript(found: FoundSession, ctx: Context): NonNullable<Session["lost"]> {
  const { id, home, process, reported, transcript, candidates } = found
  if (id === null || process === null || reported?.stale !== false) return []
  if (transcript !== null || candidates.length > 0) return []
  const copy = ctx
    .savedExports(id)
    .find(({ manifest }) => manifest.files.some(({ role }) => role === "transcript"))
  if (copy === undefined && !wasPrompted(ctx, home, id)) return []
  const path = joinPath(detectDataOf(found).project ?? `${home}/projects`, `${id}.jsonl`)
  const until = copy === undefined ? "" : `; an export holds it until ${copy.manifest.exportedAt}`
  const why = `no transcript is there though it was prompted: only its client knows what was said${until}`
  return [{ source: showPath(path), relative: showPath(relativeTo(home, path)), why }]
}
