import { nameEnd } from "../../domain/export/export.ts"
import { listEveryName } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"

const named = new RegExp(`${nameEnd}\\.`)

/** Whether any export is there, whole or not, and of whatever kind. */
export function hasExports(paths: Pick<Paths, "data">): boolean {
  const { pending, archive } = listEveryName(paths)
  return [...pending, ...archive].some((name) => named.test(name))
}
