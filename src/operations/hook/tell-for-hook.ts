import { needOf } from "../../domain/listing/need.ts"
import type { WatchNotice } from "../../domain/watch/notice.ts"
import { savedMark } from "../../pipeline/copies/saved-mark.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { Config } from "../../system/config/config.ts"
import { sightOf } from "../watch/look.ts"
import { tellUser } from "../watch/tell.ts"

interface HookTelling {
  readonly ctx: RunContext
  readonly config: Pick<Config, "notifyCommand">
  readonly onFailure: (message: string) => void
}

/** Tells that a hook did not save a session: a log is read by nobody at that moment. Returns by what it was shown. */
export async function tellForHook(
  event: string,
  { session, saved }: { readonly session: ClassifiedSession; readonly saved: WatchNotice["saved"] },
  { ctx, config, onFailure }: HookTelling,
): Promise<readonly string[]> {
  const need = needOf(session, { saved: false, dismissed: false })
  const sight = sightOf({ session, need, saved: savedMark(session, ctx) })
  const reason = event === "PreCompact" ? "compacting" : "ended"
  const facts = { command: config.notifyCommand, onTerminal: false, now: Date.now(), onFailure }
  const { by } = await tellUser([{ reason, sight, saved, path: null, message: null }], facts)
  return by
}
