import { resolve } from "node:path"
import { RescueError } from "../../session/errors.ts"
import type { Context } from "../context.ts"
import { builtInList as builtIn, type UserScope } from "../plugins.ts"
import { type Stage, stages } from "../stages.ts"
import { endsWithUs } from "../user-processes.ts"
import { type Discovered, discover, discoverFile } from "./discover.ts"
import { factsOf } from "./open.ts"
import { makeSample } from "./sample.ts"
import { tryOut } from "./trial.ts"
import { loadUserPlugins, type UserPlugin } from "./user-plugins.ts"

const names: ReadonlySet<string> = new Set(builtIn.map((plugin) => plugin.name))

export interface PluginRow {
  readonly name: string
  readonly stage: Stage
  readonly source: "built-in" | "user"
  readonly state: UserPlugin["state"]
  /** Why it is not loaded, and what mends that. */
  readonly why: string | null
  readonly mend: string | null
  readonly path: string | null
}

/** Every plugin there is, users' loaded to see whether they can be. */
export async function listPlugins(
  scope: Pick<UserScope, "paths" | "settings" | "ctx">,
): Promise<readonly PluginRow[]> {
  const found = stages.flatMap((stage) => discover(stage, scope.paths.config, scope.paths.home, names))
  const users = await load(found, scope)
  const ours = builtIn.map(({ name, stage }): PluginRow => {
    const off = stage === "post-process" && scope.settings.get(name)?.enabled === false
    const [state, why] = off ? (["off", "switched off in config.toml"] as const) : (["loaded", null] as const)
    return { name, stage, source: "built-in", state, why, mend: null, path: null }
  })
  const theirs = users.all.map(({ name, stage, state, why, mend, path }): PluginRow => {
    return { name, stage, source: "user", state, why, mend, path }
  })
  users.crew.end()
  return stages.flatMap((stage) => [...theirs, ...ours].filter((row) => row.stage === stage))
}

export interface CheckRow extends PluginRow {
  readonly ok: boolean
  /** What it did with the sample. */
  readonly did: string | null
  readonly says: readonly string[]
}

/** Loads users' plugins (or the ones named, by name or path) and runs each on a sample made for the purpose. */
export async function checkPlugins(
  wanted: readonly string[],
  scope: Pick<UserScope, "paths" | "settings" | "ctx">,
): Promise<readonly CheckRow[]> {
  const found = wanted.length === 0 ? everything(scope) : wanted.flatMap((name) => named(name, scope))
  if (found.length === 0) return []
  const users = await load(found, scope)
  const sample = await makeSample(scope.ctx.signal, [])
  try {
    const rows: CheckRow[] = []
    for (const plugin of users.all) {
      const says: string[] = []
      let did: string | null = null
      if (plugin.state === "loaded") {
        try {
          did = await tryOut(plugin, users, sample, (message) => says.push(message))
        } catch (error) {
          Object.assign(plugin, { state: "failed", why: plugin.why ?? (error as Error).message })
        }
      }
      const { name, stage, state, why, mend, path } = plugin
      rows.push({ name, stage, source: "user", state, why, mend, path, ok: state === "loaded", did, says })
    }
    return rows
  } finally {
    users.crew.end()
    sample.remove()
  }
}

function everything({ paths }: Pick<UserScope, "paths">): readonly Discovered[] {
  return stages.flatMap((stage) => discover(stage, paths.config, paths.home, names))
}

function named(name: string, scope: Pick<UserScope, "paths" | "ctx">): readonly Discovered[] {
  const known = everything(scope).filter((each) => each.name === name)
  if (known.length > 0) return known
  const path = resolve(name)
  const kind = scope.ctx.files.look(path)?.kind
  const file =
    kind === "folder"
      ? ["index.ts", "index.js"]
          .map((each) => `${path}/${each}`)
          .find((each) => scope.ctx.files.look(each) !== null)
      : path
  if (kind === undefined || file === undefined) {
    throw new RescueError(
      "PLUGIN_NOT_FOUND",
      `there is no plugin "${name}"`,
      "see what there is: session-rescue plugin list",
    )
  }
  const stage = stages.find((each) => file.split("/").slice(-3, -1).includes(each))
  if (stage !== undefined) return [discoverFile(file, stage, scope.paths.home, names)]
  const hint = `put it into a folder named after its stage: ${stages.join(", ")}`
  throw new RescueError("USAGE", `which stage ${name} is for cannot be told from its folder`, hint)
}

async function load(
  found: readonly Discovered[],
  scope: { ctx: Context } & Pick<UserScope, "paths" | "settings">,
) {
  const notice = { leftOut() {}, warn: (message: string) => scope.ctx.warn(message) }
  const users = await loadUserPlugins(found, scope.settings, builtIn, factsOf(scope), notice)
  endsWithUs(users.crew)
  return users
}
