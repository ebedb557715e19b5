import { needOf } from "../../domain/listing/need.ts"
import { isSavedUnchanged } from "../copies/saved-mark.ts"
import type { NarrowingFacts } from "../narrowing.ts"
import type { RunContext } from "../run-context.ts"
import { DismissedAlarms } from "./dismissed.ts"

/** What a narrowing asks about a session besides the session itself; read when it is asked for. */
export function narrowingFacts(ctx: RunContext): NarrowingFacts {
  let dismissed: DismissedAlarms | null = null
  const isSaved: NarrowingFacts["isSaved"] = (session) => isSavedUnchanged(session, ctx)
  return {
    isSaved,
    needOf(session) {
      dismissed ??= DismissedAlarms.read(ctx.paths.data, ctx.files)
      return needOf(session, { saved: isSaved(session), dismissed: dismissed.has(session) })
    },
  }
}
