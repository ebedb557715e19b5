import { RescueError } from "../../domain/errors.ts"
import { parsePid } from "../../domain/session/pid.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { type Caller, refusalToKill } from "../../rescue/terminate/kill-policy.ts"
import type { Leftover } from "./leftover.ts"

/** Those to be ended: the ones that were named, whatever else there is; without a name, all that are certain. */
export async function selectLeftovers(
  names: readonly string[],
  leftovers: readonly Leftover[],
  ctx: RunContext,
  caller: Caller,
): Promise<readonly Leftover[]> {
  if (names.length === 0) return leftovers.filter(({ standing }) => standing === "certain") // safety: only-certain
  const chosen = new Set<Leftover>()
  for (const name of names) chosen.add(await selectLeftover(name, leftovers, ctx, caller))
  return [...chosen]
}

async function selectLeftover(
  name: string,
  leftovers: readonly Leftover[],
  ctx: RunContext,
  caller: Caller,
): Promise<Leftover> {
  const pid = parsePid(name)
  if (pid === null)
    throw new RescueError(
      "USAGE",
      `"${name}" is no pid`,
      "see what is left over: session-rescue reap --dry-run",
    )
  const found = leftovers.find(({ process }) => process.pid === pid)
  // safety: reap-kept
  if (found?.standing === "kept")
    throw new RescueError(
      "REFUSED",
      `process ${pid} is not ended: ${found.but}`,
      "end what it holds first, or end it by hand",
    )
  if (found !== undefined) return found
  const above = leftovers.find(({ below }) => below.some(({ process }) => process.pid === pid))
  if (above !== undefined) {
    const message = `process ${pid} is a part of what process ${above.process.pid} has started`
    throw new RescueError(
      "REFUSED",
      message,
      `it ends with that one: session-rescue reap ${above.process.pid}`,
    )
  }
  const list = await ctx.processes.list()
  const entry = list.find((each) => each.pid === pid)
  const refusal = entry === undefined ? null : refusalToKill(entry, [], caller, list)
  if (refusal !== null)
    throw new RescueError("REFUSED", `process ${pid} is not ended: ${refusal.reason}`, refusal.hint)
  if (entry === undefined)
    throw new RescueError(
      "NOTHING_FOUND",
      `there is no process ${pid}`,
      "see what is left over: session-rescue reap --dry-run",
    )
  throw new RescueError(
    "REFUSED",
    `process ${pid} (${entry.name}) is not left over: a living client needs it, or none has started it`,
    "see what is left over: session-rescue reap --dry-run",
  )
}
