import { dirname } from "node:path"
import type { RunContext } from "../../pipeline/run-context.ts"
import { everyFolders } from "../../rescue/catalog/folders.ts"
import type { Paths } from "../../system/config/paths.ts"
import { removeEmptyFolders, removeFolderIfEmpty } from "../../system/fs/config-files.ts"
import { discard } from "../../system/fs/durable.ts"
import type { PurgePlan } from "./plan-purge.ts"
import type { SetupStep } from "./steps.ts"

const exportSuffixes = [".jsonl", ".archive.json", ".manifest.json", ".jsonl.zst", ".files", ".queue"]

/** Removes our exports, the index and the log; anything else in the data folder belongs to others. */
export function purge(
  { exports }: PurgePlan,
  paths: Paths,
  ctx: RunContext,
  dryRun: boolean,
): readonly SetupStep[] {
  const steps = exports.map(({ name, saved }): SetupStep => {
    const folder = dirname(saved.manifestPath)
    const stored = (saved.archive?.stored ?? []).filter(
      ({ path }) => path.startsWith(`${name}.`) && !path.includes(".."),
    )
    const all = [...exportSuffixes.map((part) => `${name}${part}`), ...stored.map(({ path }) => path)].map(
      (path) => `${folder}/${path}`,
    )
    if (!dryRun) for (const path of all) discard(path)
    const left = dryRun ? undefined : all.find((path) => ctx.files.stat(path) !== null)
    return {
      what: "data",
      name,
      path: saved.path,
      ...(left === undefined ? removedAction : { action: "failed", why: left }),
    }
  })
  const storage = `${paths.data}/context-storage`
  const ours = ctx.files
    .names(storage)
    .flatMap((name) => (/^session-rescue\.db/.test(String(name)) ? [`${storage}/${name}`] : []))
  for (const path of ours) {
    if (!dryRun) discard(path)
    steps.push({ what: "data", name: "the index", path, ...removedAction })
  }
  return steps
}

export const removedAction = { action: "removed", why: null } as const

/** The hooks' log, the watcher's state, and the folders of the data, the plugins and the configuration in which nothing is left. */
export function removeHookLog(paths: Paths, ctx: RunContext, dryRun: boolean): readonly SetupStep[] {
  const ours = { "hook.log": "the hooks' log", "hook.log.1": "the hooks' log", watch: "the watcher's state" }
  const steps = Object.entries(ours).flatMap(([file, name]): SetupStep[] => {
    const path = `${paths.data}/${file}`
    if (ctx.files.stat(path) === null) return []
    if (!dryRun) discard(path)
    return [{ what: "data", name, path, ...removedAction }]
  })
  if (dryRun) return steps
  const folders = everyFolders(paths.data).flatMap(({ pending, archive }) => [pending, archive])
  for (const folder of [`${paths.data}/context-storage`, ...folders]) removeFolderIfEmpty(folder)
  removeFolderIfEmpty(paths.data)
  for (const folder of [paths.data, `${paths.config}/plugins`, paths.config])
    removeEmptyFolders(folder, paths.home)
  return steps
}
