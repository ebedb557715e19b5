import { parsePid } from "../../domain/session/pid.ts"
import { parseSessionId } from "../../domain/session/session-id.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Caller } from "../../rescue/terminate/kill-policy.ts"

/** Who asks for an ending. */
export async function describeCaller(ctx: RunContext): Promise<Caller> {
  const own = (await ctx.processes.list()).find((entry) => entry.pid === ctx.self.pid)
  return {
    pid: ctx.self.pid,
    uid: ctx.self.uid,
    terminal: own?.terminal ?? null,
    insideSessions: builtInDetectPlugins().flatMap(({ sessionVariable: variable }) => {
      const id = variable === undefined ? null : parseSessionId(ctx.self.environment[variable])
      return variable === undefined || id === null ? [] : [{ variable, id }]
    }),
    insideClients: builtInDetectPlugins().flatMap(({ processVariable: variable }) => {
      const pid = variable === undefined ? null : parsePid(ctx.self.environment[variable] ?? "")
      return variable === undefined || pid === null ? [] : [{ variable, pid }]
    }),
  }
}
