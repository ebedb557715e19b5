import type { SessionId } from "../../domain/session/session-id.ts"
import { detectAll } from "../../pipeline/detect.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { scanAll } from "../../pipeline/scan.ts"
import type { Leftover } from "./leftover.ts"

/** The titles of the sessions that they name, as far as those are still in a home. */
export async function titlesOfLeftovers(
  leftovers: readonly Leftover[],
  ctx: RunContext,
): Promise<ReadonlyMap<SessionId, string>> {
  const ids = new Set(leftovers.flatMap(({ session }) => session ?? []))
  if (ids.size === 0) return new Map()
  const named = (await detectAll(ctx, null)).filter(({ id }) => id !== null && ids.has(id))
  const { sessions } = await scanAll(named, ctx)
  return new Map(
    sessions.flatMap(({ id, title }) => (id === null || title === null ? [] : [[id, title] as const])),
  )
}
