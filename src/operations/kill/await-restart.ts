import { RescueError } from "../../domain/errors.ts"
import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { restartWindowMs } from "./service-stop.ts"

const pollMs = 1_000

/**
 * A session that its background service is about to start again, as soon as it runs: only then can it be ended for
 * good, saved as it is. Throws where it does not come back in that time.
 */
export async function awaitRestart(
  session: FoundSession,
  ctx: RunContext,
): Promise<FoundSession & { readonly process: LiveProcess }> {
  const until = performance.now() + restartWindowMs
  const name = session.background?.name ?? ""
  while (performance.now() < until && !ctx.signal.aborted) {
    const found = (await detectAll(freshContext(ctx), session.agent)).find(
      ({ id, home, process }) => process !== null && id === session.id && home === session.home,
    )
    if (found?.process != null) return { ...found, process: found.process }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new RescueError(
    "REFUSED",
    `${shortId(session.id) ?? "it"} has no process, and its background service has not started it again yet`,
    `stop it: claude stop ${name}   (save what it wrote: session-rescue --export ${name})`,
  )
}
