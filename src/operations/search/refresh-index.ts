import type { Freshness } from "../../domain/conversation/freshness.ts"
import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { ProgressReporter } from "../../domain/progress.ts"
import { indexState, lookedAt, noteLook } from "../../index/index.ts"
import { quickLook } from "../../pipeline/indexing/quick-look.ts"
import { readAll } from "../../pipeline/indexing/read-all.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"
import { makeFolders } from "../../system/fs/durable.ts"
import { withWriteErrors } from "../../system/fs/io-errors.ts"
import { startDetached } from "../../system/process/self-path.ts"
import { classifyDatabaseError, toDatabaseError } from "../../system/sqlite/errors.ts"
import { acquireFileLock } from "../../system/sqlite/file-lock.ts"
import { refreshArgument } from "./refresh-flag.ts"

/** Whoever asks gets an answer within 300 ms more than the question itself takes: what was read is made lasting, too. */
const milliseconds = 180
const pollMs = 100

interface Wish {
  readonly paths: Paths
  readonly reporter: ProgressReporter
  /** Everything new first, however long that takes. */
  readonly whole: boolean
  /** There is none yet, and one is made. */
  begins(): void
}

/** Before an index is asked: reads what is new, or makes one where there is none. */
export async function refreshIndex(wish: Wish, ctx: RunContext): Promise<Freshness> {
  const { paths, reporter, whole } = wish
  const path = indexPath(paths.data)
  const state = indexState(path)
  if (state === "newer") return { refresh: "off", asOf: null, left: null, why: null } // asking it says what is wrong
  const isThere = state === "usable"
  if (!isThere) wish.begins()
  if (whole || !isThere) return makeWhole(paths, reporter, ctx)
  try {
    const letGo = gate(paths)
    if (letGo === null) {
      const asOf = lookedAt(path)
      // it is just being made: what is not in it yet would pass for never said
      return asOf === null
        ? makeWhole(paths, reporter, ctx)
        : { refresh: "another", asOf, left: null, why: null }
    }
    try {
      const { left } = await quickLook(ctx, paths, milliseconds)
      if (left?.files === 0) {
        noteLook(path, ctx.now)
        return { refresh: "done", asOf: ctx.now, left, why: null }
      }
      return { refresh: "goes on", asOf: lookedAt(path), left, why: null }
    } finally {
      letGo()
    }
  } catch (thrown) {
    const error = toDatabaseError(thrown, path)
    if (!isRescueError(error)) throw error
    if (classifyDatabaseError(error.cause) === "busy")
      return { refresh: "another", asOf: lookedAt(path), left: null, why: null }
    return { refresh: "failed", asOf: lookedAt(path), left: null, why: error.message }
  }
}

/** Goes on in a process of its own, which outlives this one. There is one at a time: more of them end at once. */
export async function goOnReading({ data }: Paths): Promise<void> {
  await startDetached([refreshArgument], { env: { SESSION_RESCUE_DATA: data }, waitMs: 0, input: "ignore" })
}

/** What that process does. */
export async function readInBackground(
  paths: Paths,
  ctx: RunContext,
  reporter: ProgressReporter,
): Promise<void> {
  const letGo = gate(paths)
  if (letGo === null) return
  try {
    if (await readAll({ paths, reporter }, ctx)) noteLook(indexPath(paths.data), ctx.now)
  } finally {
    letGo()
  }
}

/** Another run that is at it already is waited for, and then there is little left to read. */
async function makeWhole(paths: Paths, reporter: ProgressReporter, ctx: RunContext): Promise<Freshness> {
  let letGo = gate(paths)
  while (letGo === null && !ctx.signal.aborted) {
    await Bun.sleep(pollMs)
    letGo = gate(paths)
  }
  try {
    const whole = letGo !== null && (await readAll({ paths, reporter }, ctx))
    if (!whole) {
      const hint = "what was read so far stays: asked again, it goes on from there"
      throw new RescueError("INTERRUPTED", "interrupted while it read the sessions into the index", hint)
    }
    noteLook(indexPath(paths.data), ctx.now)
    return { refresh: "done", asOf: ctx.now, left: { files: 0, bytes: 0 }, why: null }
  } finally {
    letGo?.()
  }
}

/** Held by the one that reads for questions; null: another one does. */
function gate({ data }: Paths): (() => void) | null {
  const path = indexPath(data)
  const folder = path.slice(0, path.lastIndexOf("/"))
  withWriteErrors(folder, () => makeFolders(folder, false))
  return acquireFileLock(`${path}.reading.lock`)
}
