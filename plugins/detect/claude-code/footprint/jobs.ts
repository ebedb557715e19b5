import type { Context, DiskPath, SessionId } from "session-rescue"
import { readJobState } from "../home/job-state.ts"
import { filesOwnedBy } from "./shared-folders.ts"

/** A folder of the background service, `jobs/SHORT`: the first digits of the session's id at creation. */
const jobName = /^[0-9a-f]{8}$/i

/**
 * The folders in which a background session keeps its task, result and timeline (2.1.197, 2.1.332: observed).
 * After /clear the folder keeps the name of the old session, so the ids in `state.json` decide; without any,
 * the name.
 */
export function jobsOf(ctx: Context, home: string, id: SessionId, fresh: boolean): readonly DiskPath[] {
  const shortName = id.slice(0, 8).toLowerCase()
  return filesOwnedBy(ctx, `${home}/jobs`, [id, shortName], fresh, (name) => {
    if (typeof name !== "string" || !isJob(name)) return []
    const ids = readJobState(ctx, home, name)?.ids ?? []
    return ids.length > 0 ? ids : [name.toLowerCase()]
  })
}

/**
 * Whether such a folder may have this name. Its owner is recorded inside it, so a restore may put back any of
 * them.
 */
export function isJob(name: string): boolean {
  return jobName.test(name)
}
