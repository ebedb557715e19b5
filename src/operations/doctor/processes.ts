import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { describeCaller } from "../kill/caller.ts"
import { findLeftovers } from "../reap/find.ts"
import { advice, countNoun, type Finding, ok } from "./finding.ts"

/** Processes that a client started and that live on without it. This list may be too short: see `findLeftovers`. */
export async function inspectProcesses(
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
): Promise<Finding> {
  const { leftovers } = await findLeftovers(sessions, ctx, await describeCaller(ctx))
  const left = leftovers.filter(({ standing }) => standing !== "kept")
  if (left.length === 0) return ok("processes", "no process names a session whose client has exited")
  const named = left.slice(0, 5).map(({ process }) => `${process.pid} (${process.name})`)
  const more = left.length > named.length ? " …" : ""
  const many = countNoun(left.length, "process").replace("processs", "processes")
  return advice(
    "processes",
    `${many} left running by clients that have exited: ${named.join(", ")}${more}`,
    "list them and confirm ending them: session-rescue reap",
  )
}
