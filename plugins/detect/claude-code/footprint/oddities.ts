import type { Context, UnknownFile } from "session-rescue"
import { isKnownPlace, relativeTo } from "./footprint.ts"
import { pathsBySession } from "./named.ts"

/** What carries a session's id in a home and is none of the places this version knows: copies, and what is new. */
export function findUnknownFiles(home: string, ctx: Context): readonly UnknownFile[] {
  return [...pathsBySession(ctx, home)].flatMap(([id, all]) =>
    all.flatMap(({ path, isCopy }): UnknownFile[] => {
      const relative = relativeTo(home, path)
      if (!isCopy && isKnownPlace(relative)) return []
      return [{ id, path, relative, kind: isCopy ? "copy" : "unknown" }]
    }),
  )
}
