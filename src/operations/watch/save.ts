import { isRescueError } from "../../domain/errors.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { processAfterActs } from "../../pipeline/queue/after-export.ts"
import { type AutoSaved, type AutoSaveFacts, autoSave } from "../auto-save/auto-save.ts"

/** A session to be saved, as the watcher saw it. */
export interface ToSave {
  readonly key: string
  readonly agent: string
  readonly home: string
  readonly transcript: string
}

/**
 * `saved`: a copy holds all of it. `partly`: not everything could be read, or it may not survive a power cut. `no space`,
 * `limit`: not copied, because the disk is nearly full, or unprocessed copies take what config.toml allows.
 */
export interface WatchSaved {
  readonly key: string
  readonly outcome: "saved" | "partly" | "nothing" | "no space" | "limit" | "failed"
  readonly path: string | null
  readonly bytes: number
  /** Older unprocessed copies whose place it took. */
  readonly replaced: number
  readonly message: string | null
}

/** Another copy that is being made is waited for: a session's hook may be saving it. */
const turnWaitMs = 60_000

/** Saves one session after the other; each copy takes the place of the older unprocessed ones that it contains. */
export async function saveForWatcher(
  wanted: readonly ToSave[],
  facts: AutoSaveFacts,
): Promise<readonly WatchSaved[]> {
  const { ctx, paths } = facts
  const found = await detectAll(ctx, null)
  const results: WatchSaved[] = []
  for (const { key, agent, home, transcript } of wanted) {
    const fails = (message: string) =>
      results.push({ key, outcome: "failed", path: null, bytes: 0, replaced: 0, message })
    const session = found.find(
      (each) => each.agent === agent && each.home === home && each.transcript === transcript,
    )
    if (session === undefined || session.id === null) fails("its transcript is not there any more")
    else if (ctx.signal.aborted) fails("interrupted")
    else results.push(resultOf(key, await autoSave(session, facts, turnWaitMs)))
  }
  if (results.some(({ path }) => path !== null)) await processAfterActs(paths, facts.version, ctx)
  return results
}

function resultOf(key: string, { result, removed }: AutoSaved): WatchSaved {
  const base = { key, replaced: removed }
  if (typeof result === "string") return { ...base, outcome: result, path: null, bytes: 0, message: null }
  if (isRescueError(result)) {
    const outcome = result.code === "DISK_FULL" ? "no space" : "failed"
    return { ...base, outcome, path: null, bytes: 0, message: `${result.message}. Next: ${result.hint}` }
  }
  const { status, path, bytes, missing } = result
  if (path === null) return { ...base, outcome: "nothing", path, bytes, message: null }
  const [first] = missing ?? []
  if (status === "unconfirmed" || status === "incomplete") {
    const why = first === undefined ? status : `${first.path} could not be read: ${first.why}`
    return { ...base, outcome: "partly", path, bytes, message: why }
  }
  return { ...base, outcome: "saved", path, bytes, message: null }
}
