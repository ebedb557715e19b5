import { builtInPlugins } from "../../plugins/index.generated.ts"
import type {
  ActPlugin,
  ArchivePlugin,
  ClassifyPlugin,
  DetectPlugin,
  Plugin,
  PostProcessPlugin,
} from "./stages.ts"

const tiers = { pre: 0, normal: 1, post: 2 } as const

const all: readonly Plugin[] = builtInPlugins

/** A plugin that may be asked, and what the config file says about it. */
export interface LoadedPlugin<P extends Plugin = Plugin> {
  readonly plugin: P
  readonly source: "built-in" | "user"
  /** The file of a user's plugin. */
  readonly path: string | null
  /** As configured; null: the stage's own limit. */
  readonly timeoutMs: number | null
  readonly options: Readonly<Record<string, unknown>>
}

function builtIn<P extends Plugin>(plugin: P): LoadedPlugin<P> {
  return { plugin, source: "built-in", path: null, timeoutMs: null, options: {} }
}

export function detectPlugins(): readonly DetectPlugin[] {
  return all.filter((plugin) => plugin.stage === "detect")
}

/** In the order in which they are asked. */
export function classifyPlugins(): readonly ClassifyPlugin[] {
  return all
    .filter((plugin) => plugin.stage === "classify")
    .toSorted((a, b) => tiers[a.order ?? "normal"] - tiers[b.order ?? "normal"])
}

/** In the order in which they are run. */
export async function postProcessPlugins(): Promise<readonly LoadedPlugin<PostProcessPlugin>[]> {
  return all
    .filter((plugin) => plugin.stage === "post-process")
    .toSorted((a, b) => tiers[a.order ?? "normal"] - tiers[b.order ?? "normal"])
    .map(builtIn)
}

export async function archivePlugins(): Promise<readonly LoadedPlugin<ArchivePlugin>[]> {
  return all.filter((plugin) => plugin.stage === "archive").map(builtIn)
}

export function actPlugin<Result>(name: "export" | "resume"): ActPlugin<Result> {
  const plugin = all.find((candidate) => candidate.stage === "act" && candidate.name === name)
  if (plugin === undefined) throw new Error(`the built-in act plugin "${name}" is missing`)
  return plugin as ActPlugin<Result>
}
