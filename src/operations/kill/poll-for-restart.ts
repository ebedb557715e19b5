import type { FoundSession } from "../../domain/session/session.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import type { RunContext } from "../../pipeline/run-context.ts"

/** The service of 2.1.332 starts a session again 10 to 20 seconds after it has ended (observed). */
const restartWindowMs = 25_000
const pollMs = 500

/**
 * Detects a session again and again, as long as its background service may start it. Yields what was found of it each
 * time: nothing, one entry, or one for each process. Ends when the window is over or the user interrupts.
 */
export async function* pollForRestart(
  session: FoundSession,
  ctx: RunContext,
): AsyncGenerator<readonly FoundSession[]> {
  const until = performance.now() + restartWindowMs
  while (performance.now() < until && !ctx.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    const all = await detectAll(freshContext(ctx), session.agent)
    yield all.filter(({ id, home }) => id === session.id && home === session.home)
  }
}
