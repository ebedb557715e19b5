import { RescueError } from "../../domain/errors.ts"
import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { pollForRestart } from "./poll-for-restart.ts"

/**
 * A session that its background service is about to start again, as soon as it runs: only then can it be ended for
 * good, saved as it is. Throws where it does not come back in that time.
 */
export async function awaitRestart(
  session: FoundSession,
  ctx: RunContext,
): Promise<FoundSession & { readonly process: LiveProcess }> {
  const name = session.background?.name ?? ""
  for await (const found of pollForRestart(session, ctx)) {
    const running = found.find(({ process }) => process !== null)
    if (running?.process != null) return { ...running, process: running.process }
  }
  throw new RescueError(
    "REFUSED",
    `${shortId(session.id) ?? "it"} has no process, and its background service has not started it again yet`,
    `stop it: claude stop ${name}   (save what it wrote: session-rescue --export ${name})`,
  )
}
