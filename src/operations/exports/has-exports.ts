import { listEveryName } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"

/** Whether any export is there, whole or not. */
export function hasExports(paths: Pick<Paths, "data">): boolean {
  const { pending, archive } = listEveryName(paths, "-LOSSLESS-session.")
  return pending.length + archive.length > 0
}
