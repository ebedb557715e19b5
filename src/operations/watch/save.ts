import { isRescueError } from "../../domain/errors.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { processAfterActs } from "../../pipeline/queue/after-export.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readWholeCatalog } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import { inspectDir } from "../../system/fs/list-dir.ts"
import { type HookReport, saveAndReplace } from "../hook/hook.ts"

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

interface SaveFacts {
  readonly ctx: RunContext
  readonly paths: Paths
  readonly version: string
  /** Unprocessed copies may take this many bytes. */
  readonly maxBytes: number
}

/** Below this share the disk's last space is its user's. */
const minFreeShare = 0.05

/** Saves one session after the other; each copy takes the place of the older unprocessed ones that it contains. */
export async function saveForWatcher(
  wanted: readonly ToSave[],
  facts: SaveFacts,
): Promise<readonly WatchSaved[]> {
  const { ctx, paths } = facts
  const found = await detectAll(ctx, null)
  const results: WatchSaved[] = []
  for (const { key, agent, home, transcript } of wanted) {
    const not = (outcome: WatchSaved["outcome"], message: string | null = null) =>
      results.push({ key, outcome, path: null, bytes: 0, replaced: 0, message })
    const session = found.find(
      (each) => each.agent === agent && each.home === home && each.transcript === transcript,
    )
    if (session === undefined || session.id === null) not("failed", "its transcript is not there any more")
    else if (ctx.signal.aborted) not("failed", "interrupted")
    else {
      const why = reasonNotToCopy({ id: session.id, size: session.transcriptSize }, facts)
      if (why !== null) not(why)
      else results.push(resultOf(key, await saveAndReplace(session, facts)))
    }
  }
  if (results.some(({ path }) => path !== null)) await processAfterActs(paths, facts.version, ctx)
  return results
}

function reasonNotToCopy(
  session: { readonly id: string; readonly size: number },
  { paths, maxBytes }: SaveFacts,
): "no space" | "limit" | null {
  const { freeBytes, totalBytes: disk } = inspectDir(paths.data)
  if (freeBytes !== null && disk !== null && freeBytes - session.size < disk * minFreeShare) return "no space" // safety: watch-space
  const others = readWholeCatalog(paths)
    .flatMap((entry) => (entry.kind === "export" && entry.place === "pending" ? [entry] : []))
    .filter(({ id }) => id !== session.id) // its own older copies make room for the new one
  const taken = others.reduce((sum, { saved }) => sum + totalBytes(saved.manifest), 0)
  return taken + session.size > maxBytes ? "limit" : null // safety: watch-limit
}

function resultOf(key: string, { result, removed }: HookReport): WatchSaved {
  const base = { key, replaced: removed }
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
