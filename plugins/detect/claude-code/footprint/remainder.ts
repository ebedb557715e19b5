import { type Context, parentPath, samePath } from "session-rescue"
import type { StoredSession } from "../home/transcripts.ts"
import { pathsNamedAfter } from "./paths-by-session.ts"

/**
 * Whether a folder without a transcript is part of a session found elsewhere: it began in the repository and
 * continued in a worktree. If only folders are left, the first represents the session.
 */
export function isRemainder(ctx: Context, { id, home, project, transcript }: StoredSession): boolean {
  if (transcript !== null) return false
  const places = pathsNamedAfter(ctx, home, id).filter(
    ({ path, isCopy }) => !isCopy && ctx.files.stat(path) !== null,
  )
  const whole = places.some(({ path }) => typeof path === "string" && path.endsWith(`/${id}.jsonl`))
  const folders = places.map(({ path }) => parentPath(path)).filter((each) => isBelowProjects(each, home))
  return whole || (folders[0] !== undefined && !samePath(folders[0], project))
}

function isBelowProjects(path: ReturnType<typeof parentPath>, home: string): boolean {
  return samePath(parentPath(path), `${home}/projects`)
}
