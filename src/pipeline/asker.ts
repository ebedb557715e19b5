import type { Asker } from "../rescue/guards.ts"
import { RescueError } from "../session/errors.ts"
import { parseSessionId } from "../session/session-id.ts"
import type { Context } from "./context.ts"

/** Who asks for an ending. One who cannot see itself cannot see what it must never end. */
export async function whoAsks(ctx: Context): Promise<Asker> {
  const own = (await ctx.processes.list()).find((entry) => entry.pid === ctx.self.pid)
  if (own === undefined) {
    throw new RescueError(
      "REFUSED",
      "this program does not see itself among the processes, so it ends none",
      "is /proc mounted? Inside a container it must be the container's own",
    )
  }
  return {
    pid: ctx.self.pid,
    uid: ctx.self.uid,
    terminal: own.terminal,
    insideSession: parseSessionId(ctx.self.environment.CLAUDE_CODE_SESSION_ID),
  }
}
