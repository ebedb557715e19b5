import type { Freshness } from "../../domain/conversation/freshness.ts"
import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { ProgressReporter } from "../../domain/progress.ts"
import { indexStateAt, lastFullRead, recordFullRead } from "../../index/index.ts"
import { catchUpQuickly } from "../../pipeline/indexing/quick-catch-up.ts"
import { readAll } from "../../pipeline/indexing/read-all.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"
import { makeFolders } from "../../system/fs/durable.ts"
import { toWriteError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { startDetached } from "../../system/process/self-path.ts"
import { classifyDatabaseError, toDatabaseError } from "../../system/sqlite/errors.ts"
import { acquireFileLock } from "../../system/sqlite/file-lock.ts"
import { refreshCommand } from "./refresh-flag.ts"

/** Keeps the delay before an answer below 300 ms, the commit included. */
const refreshBudgetMs = 180
const pollMs = 100

interface RefreshOptions {
  readonly paths: Paths
  readonly reporter: ProgressReporter
  /** Read everything new first, without a time limit. */
  readonly full: boolean
  /** Never wait for another run: what it has not read yet is not found. */
  readonly hasty?: boolean
  /** Called before every session is read into a new or upgraded index. */
  onCreate(state: "missing" | "outdated" | "unusable"): void
}

/** Before a query: reads what is new, or creates the index. */
export async function refreshBeforeQuery(options: RefreshOptions, ctx: RunContext): Promise<Freshness> {
  const { paths, reporter, full } = options
  const path = indexPath(paths.data)
  const state = indexStateAt(path)
  if (state === "newer") return { refresh: "off", asOf: null, left: null, why: null } // the query reports the error
  if (state !== "usable") options.onCreate(state)
  if (full || state !== "usable") return refreshFully(paths, reporter, ctx)
  try {
    const release = acquireReadLock(paths)
    if (release === null) {
      const asOf = lastFullRead(path)
      // another run is creating the index: wait, because a query would find only what has been read so far
      return asOf === null && options.hasty !== true
        ? refreshFully(paths, reporter, ctx)
        : { refresh: "other-run", asOf, left: null, why: null }
    }
    try {
      const { remaining: left } = await catchUpQuickly(ctx, paths, refreshBudgetMs)
      if (left?.files === 0) {
        recordFullRead(path, ctx.now)
        return { refresh: "done", asOf: ctx.now, left, why: null }
      }
      return { refresh: "in-background", asOf: lastFullRead(path), left, why: null }
    } finally {
      release()
    }
  } catch (thrown) {
    const error = toDatabaseError(thrown, path)
    if (!isRescueError(error)) throw error
    if (classifyDatabaseError(error.cause) === "busy")
      return { refresh: "other-run", asOf: lastFullRead(path), left: null, why: null }
    return { refresh: "failed", asOf: lastFullRead(path), left: null, why: error.message }
  }
}

/** Continues in a separate process that outlives this one. Only one runs at a time: further ones exit at once. */
export async function startBackgroundRead({ data }: Paths): Promise<void> {
  await startDetached([refreshCommand], { env: { SESSION_RESCUE_DATA: data }, waitMs: 0, input: "ignore" })
}

/** The body of that process. */
export async function readInBackground(
  paths: Paths,
  ctx: RunContext,
  reporter: ProgressReporter,
): Promise<void> {
  const release = acquireReadLock(paths)
  if (release === null) return
  try {
    if (await readAll({ paths, reporter }, ctx)) recordFullRead(indexPath(paths.data), ctx.now)
  } finally {
    release()
  }
}

/** Waits for another run that is already reading; little is then left to read. */
async function refreshFully(paths: Paths, reporter: ProgressReporter, ctx: RunContext): Promise<Freshness> {
  let release = acquireReadLock(paths)
  while (release === null && !ctx.signal.aborted) {
    await Bun.sleep(pollMs)
    release = acquireReadLock(paths)
  }
  try {
    const whole = release !== null && (await readAll({ paths, reporter }, ctx))
    if (!whole) {
      const hint = "run it again to continue; what was read is kept"
      throw new RescueError("INTERRUPTED", "interrupted while indexing the sessions", hint)
    }
    recordFullRead(indexPath(paths.data), ctx.now)
    return { refresh: "done", asOf: ctx.now, left: { files: 0, bytes: 0 }, why: null }
  } finally {
    release?.()
  }
}

/** Held by the run that reads before a query; null: another run holds it. */
function acquireReadLock({ data }: Paths): (() => void) | null {
  const path = indexPath(data)
  const folder = path.slice(0, path.lastIndexOf("/"))
  withWriteErrors(folder, () => makeFolders(folder, false))
  try {
    return acquireFileLock(`${path}.reading.lock`)
  } catch (error) {
    throw toWriteError(toDatabaseError(error, path), path) // a full disk, or a file in place of the folder
  }
}
