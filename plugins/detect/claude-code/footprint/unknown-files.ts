import type { Context, UnknownFile } from "session-rescue"
import { isKnownPlace, relativeTo } from "./footprint.ts"
import { pathsBySession } from "./paths-by-session.ts"

/**
 * Files of a home whose name contains a session's id in places unknown to this version: copies, and new
 * folders.
 */
export function findUnknownFiles(home: string, ctx: Context): readonly UnknownFile[] {
  return [...pathsBySession(ctx, home)].flatMap(([id, all]) =>
    all.flatMap(({ path, isCopy }): UnknownFile[] => {
      const relative = relativeTo(home, path)
      if (!isCopy && isKnownPlace(relative)) return []
      return [{ id, path, relative, kind: isCopy ? "copy" : "unknown" }]
    }),
  )
}
