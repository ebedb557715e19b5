import { type Target, targetBelow } from "../../rescue/restore/target.ts"
import type { Context } from "../../sdk/context.ts"
import { lookAtFolder } from "../../system/fs/inspect-dir.ts"

/**
 * Where a file goes that lay outside of the home: its old place, if the folder there (`/tmp/claude-1000`) is our own, or
 * can be made. Others may have put theirs under that name.
 */
export function outsideTarget(path: string, ctx: Context): Target {
  const parts = path.split("/").slice(1)
  const depth = Math.max(
    1,
    parts.findIndex((part) => /^claude(-\d+)?$/.test(part)),
  )
  const above = `/${parts.slice(0, depth).join("/")}`
  const real = ctx.files.real(above)
  const target = targetBelow(real ?? above, parts.slice(depth).join("/"), [])
  const base = lookAtFolder(`${real ?? above}/${parts[depth]}`)
  const why =
    real === null
      ? `${above} is not there`
      : base.kind !== "missing" && (base.owner !== ctx.self.uid || (base.mode & 0o022) !== 0)
        ? `others can write to ${above}/${parts[depth]}`
        : null
  return why === null ? target : { ...target, obstacle: target.obstacle ?? why } // safety: restore-outside-own
}
