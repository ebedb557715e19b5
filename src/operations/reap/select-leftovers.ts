import { RescueError } from "../../domain/errors.ts"
import { parsePid } from "../../domain/session/pid.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { type Caller, noSession, refusalToKill } from "../../rescue/terminate/kill-policy.ts"
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
    throw new RescueError("USAGE", `"${name}" is not a pid`, "list them: session-rescue reap --dry-run")
  const found = leftovers.find(({ process }) => process.pid === pid)
  // safety: reap-kept
  if (found?.standing === "kept")
    throw new RescueError(
      "REFUSED",
      `process ${pid} is not ended: ${found.but}`,
      "end what it holds first, or end it yourself",
    )
  if (found !== undefined) return found
  const above = leftovers.find(({ below }) => below.some(({ process }) => process.pid === pid))
  if (above !== undefined) {
    const message = `process ${pid} was started by process ${above.process.pid}`
    throw new RescueError("REFUSED", message, `end both: session-rescue reap ${above.process.pid}`)
  }
  const list = await ctx.processes.list()
  const entry = list.find((each) => each.pid === pid)
  const refusal = entry === undefined ? null : refusalToKill(entry, noSession, caller, list)
  if (refusal !== null)
    throw new RescueError("REFUSED", `process ${pid} is not ended: ${refusal.reason}`, refusal.hint)
  if (entry === undefined)
    throw new RescueError(
      "NOTHING_FOUND",
      `no such process: ${pid}`,
      "list them: session-rescue reap --dry-run",
    )
  throw new RescueError(
    "REFUSED",
    `process ${pid} (${entry.name}) is not left over: a running client needs it, or no client started it`,
    "list them: session-rescue reap --dry-run",
  )
}
