import { resolve } from "node:path"
import { isAgent } from "../../domain/agent-name.ts"
import { RescueError } from "../../domain/errors.ts"
import { isUnsound } from "../../domain/export/verified-state.ts"
import { silentReporter } from "../../domain/progress.ts"
import { isInProject, type ProjectFilter } from "../../domain/project-filter.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { readEveryPendingItem } from "../../pipeline/queue/every-agent.ts"
import type { PendingItem } from "../../pipeline/queue/queue.ts"
import { selectPending } from "../../pipeline/queue/select.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { everyFolders } from "../../rescue/catalog/folders.ts"
import type { Paths } from "../../system/config/paths.ts"
import { selectExports } from "../exports/select.ts"
import { type VerifiedEntry, verifyExports } from "../exports/verify.ts"

export interface ProcessSelector {
  readonly names: readonly string[]
  readonly project: ProjectFilter | null
  /** As typed: `claude`, `claude-code`. */
  readonly agent: string | null
}

export interface ProcessSelection {
  /** null: everything pending. */
  readonly names: readonly string[] | null
  /** Transcripts elsewhere. */
  readonly files: readonly string[]
  readonly agent: string | null
  readonly project: ProjectFilter | null
  /** Exports that do not match their manifests, which are left out. */
  readonly damaged: readonly VerifiedEntry[]
}

/** Selects what to process. `verify`: first compare every export with its manifest. */
export async function selectForProcessing(
  choice: ProcessSelector,
  verify: boolean,
  ctx: RunContext,
  paths: Paths,
): Promise<ProcessSelection> {
  const agent = agentNamed(choice.agent)
  const { project } = choice
  if (choice.names.length === 0 && project === null && agent === null && !verify) {
    // the pending folder may have thousands of exports: it is not read without need
    return { names: null, files: [], agent, project, damaged: [] }
  }
  const pending = await readEveryPendingItem(paths, ctx.signal)
  const files = choice.names.flatMap((name) => transcriptPath(name, pending, paths, ctx) ?? [])
  const rest = choice.names.filter((name) => !files.includes(resolve(name)))
  const named = rest.length > 0 ? selectPending(pending, rest, paths, "cx") : files.length > 0 ? [] : pending
  const chosen = named.filter((each) => matchesFilters(each, agent, project))
  const all = choice.names.length === 0 && chosen.length === pending.length
  const damaged = verify ? await findDamaged(chosen, ctx, paths) : []
  const bad = new Set(damaged.map(({ entry }) => entry.name))
  const names = all && bad.size === 0 ? null : chosen.map(({ name }) => name).filter((name) => !bad.has(name))
  return { names, files, agent, project, damaged }
}

/** Throws `USAGE` for an unknown agent. */
export function agentNamed(typed: string | null): string | null {
  if (typed === null) return null
  const known = builtInDetectPlugins().map(({ agent }) => agent)
  const agent = known.find((each) => isAgent(typed, each))
  if (agent !== undefined) return agent
  throw new RescueError("USAGE", `unknown agent: "${typed}"`, `known: ${known.join(", ")}`)
}

function matchesFilters(waiting: PendingItem, agent: string | null, project: ProjectFilter | null): boolean {
  if (agent === null && project === null) return true
  const session = waiting.kind === "foreign" ? null : waiting.saved?.manifest.session
  if (agent !== null && session != null && session.agent !== agent) return false
  return project === null || isInProject(session?.cwd ?? null, project)
}

/** Path of a transcript outside `pending`; null when only an export can be meant. Throws `USAGE` for other files. */
function transcriptPath(
  name: string,
  pending: readonly PendingItem[],
  paths: Paths,
  { files }: RunContext,
): string | null {
  const path = resolve(name)
  const agents = everyFolders(paths.data)
  const isPending = agents.some((each) => path.startsWith(`${each.pending}/`))
  if (isPending || pending.some((each) => each.name === name)) return null
  if (files.stat(path)?.kind !== "file") return null
  const isArchived = agents.some((each) => path.startsWith(`${each.archive}/`))
  if (!isArchived && path.endsWith(".jsonl")) return path
  const hint = "name a .jsonl, or the id of an export; what is archived is in the index already"
  throw new RescueError("USAGE", `${path} is not a transcript`, hint)
}

async function findDamaged(chosen: readonly PendingItem[], ctx: RunContext, paths: Paths) {
  const names = chosen.flatMap((each) => (each.kind === "foreign" ? [] : [each.name]))
  if (names.length === 0) return []
  const entries = selectExports(names, paths, "cx").filter(({ place }) => place === "pending")
  const readStored = storedReader(ctx.plugins, "evicted")
  const options = { md5: false, readStored, reporter: silentReporter, signal: ctx.signal }
  const { verified } = await verifyExports(entries, paths, options)
  return verified.filter(isUnsound)
}
