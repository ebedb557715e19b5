/** The pending folders of all agents, as one queue: each agent's are processed with its own archive folder. */
import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import { everyFolders } from "../../rescue/catalog/folders.ts"
import type { PostProcessPlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { planProcessing } from "./dry-run.ts"
import { type QueueEntry, readQueue } from "./entries.ts"
import type { ProcessingOptions, ProcessingPlan, ProcessingReport } from "./processing.ts"
import { type PendingItem, readPendingItems } from "./queue.ts"
import { processPending } from "./run.ts"
import { selectPending } from "./select.ts"

export async function readEveryPendingItem(
  paths: Paths,
  signal: AbortSignal,
): Promise<readonly PendingItem[]> {
  return (await Promise.all(everyPaths(paths).map((each) => readPendingItems(each, signal)))).flat()
}

export async function readEveryQueue(
  paths: Paths,
  plugins: readonly LoadedPlugin<PostProcessPlugin>[],
  signal: AbortSignal,
): Promise<readonly QueueEntry[]> {
  return (await Promise.all(everyPaths(paths).map((each) => readQueue(each, plugins, signal)))).flat()
}

export async function planEveryProcessing(options: ProcessingPlan): Promise<ProcessingReport> {
  return eachAgent(options, planProcessing)
}

export async function processEveryPending(options: ProcessingOptions): Promise<ProcessingReport> {
  return eachAgent(options, processPending)
}

async function eachAgent<Options extends ProcessingPlan>(
  options: Options,
  run: (options: Options) => Promise<ProcessingReport>,
): Promise<ProcessingReport> {
  const agents = everyPaths(options.paths)
  if (agents.length === 1) return run(options)
  const named = await namesByFolder(agents, options)
  const reports: ProcessingReport[] = []
  for (const paths of agents) {
    const names = named?.get(paths.pending) ?? null
    if (named !== null && names === null) continue
    const report = await run({ ...options, paths, names })
    reports.push(report)
    if (report.interrupted) break
  }
  return {
    exports: reports.flatMap(({ exports }) => exports),
    interrupted: reports.some(({ interrupted }) => interrupted),
  }
}

/** What was named, by pending folder; null when nothing was: all of it is meant. */
async function namesByFolder(
  agents: readonly Paths[],
  { names, signal, onlyProcessed }: ProcessingPlan,
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const [first] = agents
  if (names === null || first === undefined) return null
  const items = await Promise.all(agents.map((paths) => readPendingItems(paths, signal)))
  const chosen = new Set(selectPending(items.flat(), names, first, onlyProcessed === true ? "archive" : "cx"))
  return new Map(
    agents.flatMap(({ pending }, index) => {
      const its = (items[index] ?? []).filter((item) => chosen.has(item)).map(({ name }) => name)
      return its.length === 0 ? [] : [[pending, its] as const]
    }),
  )
}

function everyPaths(paths: Paths): readonly Paths[] {
  return everyFolders(paths.data).map((folders) => ({ ...paths, ...folders }))
}
