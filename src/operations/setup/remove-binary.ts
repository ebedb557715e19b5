import { dirname, join } from "node:path"
import type { RunContext } from "../../pipeline/run-context.ts"
import { removeEmptyFolders } from "../../system/fs/config-files.ts"
import { removeFile } from "../../system/fs/durable.ts"
import { locateSelf } from "../../system/process/self-path.ts"
import { removedAction } from "./purge.ts"
import { errorText, type SetupStep } from "./steps.ts"

/** The binary itself, and the name on PATH that leads to it. A running program's file may go: it runs on. */
export function removeBinary(ctx: RunContext, home: string, dryRun: boolean): readonly SetupStep[] {
  const { path, isBinary } = locateSelf()
  if (!isBinary) return []
  const real = ctx.files.real(path) ?? path
  if (ctx.files.stat(join(dirname(real), "../build.ts")) !== null) {
    const why = "it is a build output in a checkout"
    return [{ what: "binary", name: "session-rescue", path: real, action: "kept", why }]
  }
  return [...new Set([path, real])].map((each) => {
    const step = { what: "binary", name: "session-rescue", path: each } as const
    try {
      if (!dryRun) {
        removeFile(each)
        removeEmptyFolders(dirname(each), home)
      }
      return { ...step, ...removedAction }
    } catch (error) {
      return { ...step, action: "failed", why: errorText(error) }
    }
  })
}
