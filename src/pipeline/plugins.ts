import { builtInPlugins } from "../../plugins/index.generated.ts"
import type { ActPlugin, ArchivePlugin, ClassifyPlugin, DetectPlugin, Plugin } from "./stages.ts"

const tiers = { pre: 0, normal: 1, post: 2 } as const

const all: readonly Plugin[] = builtInPlugins

export function detectPlugins(): readonly DetectPlugin[] {
  return all.filter((plugin) => plugin.stage === "detect")
}

/** In the order in which they are asked. */
export function classifyPlugins(): readonly ClassifyPlugin[] {
  return all
    .filter((plugin) => plugin.stage === "classify")
    .toSorted((a, b) => tiers[a.order ?? "normal"] - tiers[b.order ?? "normal"])
}

export function archivePlugins(): readonly ArchivePlugin[] {
  return all.filter((plugin) => plugin.stage === "archive")
}

export function actPlugin<Result>(name: "export" | "resume"): ActPlugin<Result> {
  const plugin = all.find((candidate) => candidate.stage === "act" && candidate.name === name)
  if (plugin === undefined) throw new Error(`the built-in act plugin "${name}" is missing`)
  return plugin as ActPlugin<Result>
}
