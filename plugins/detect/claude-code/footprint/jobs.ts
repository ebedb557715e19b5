import { type Context, type DiskPath, joinPath, parseSessionId, type SessionId } from "session-rescue"
import { filesOwnedBy } from "./shared-folders.ts"

/** A folder of the background service's, `jobs/SHORT`: SHORT is what the id began with when it was made. */
const short = /^[0-9a-f]{8}$/i
const largest = 8 << 20

/**
 * The folders in which a background session keeps its task, its result and its timeline (2.1.197, 2.1.332: observed).
 * After /clear the name is still the old session's, so what `state.json` names counts; without one the name does.
 */
export function jobsOf(ctx: Context, home: string, id: SessionId, fresh: boolean): readonly DiskPath[] {
  const jobs = `${home}/jobs`
  const byName = id.slice(0, 8).toLowerCase()
  return filesOwnedBy(ctx, jobs, [id, byName], fresh, (name) => {
    if (typeof name !== "string" || !isJob(name)) return []
    const named = sessionsIn(ctx.files.text(joinPath(`${jobs}/${name}`, "state.json"), largest))
    return named.length > 0 ? named : [name.toLowerCase()]
  })
}

/** Whether a name is one that such a folder has. Whose it is stands in it, so any of them may go back to its place. */
export function isJob(name: string): boolean {
  return short.test(name)
}

function sessionsIn(state: string | null): readonly SessionId[] {
  try {
    const { sessionId, resumeSessionId } = JSON.parse(state ?? "{}") ?? {}
    return [sessionId, resumeSessionId].flatMap((each) => parseSessionId(each) ?? [])
  } catch {
    return []
  }
}
