/** Proxies: user plugins behind the same interfaces as built-in ones. */
import type { FoundSession, Session } from "../../domain/session/session.ts"
import type { Context } from "../../sdk/context.ts"
import type { DetectPlugin } from "../../sdk/contracts.ts"
import { pluginFailure, type UserPlugin, type UserPlugins } from "../host/user-plugins.ts"
import { readExamined, readFound } from "../protocol/answers.ts"
import { serveContext } from "./context-service.ts"

/** Wraps a user's detect plugin for the pipeline and validates its answers. */
export function detectProxy(plugin: UserPlugin, { pool }: UserPlugins): DetectPlugin {
  const agent = plugin.meta?.agent ?? plugin.name
  return {
    name: plugin.name,
    stage: "detect",
    agent,
    async detect(ctx) {
      const alive = await ownProcesses(ctx)
      let found: readonly FoundSession[] = []
      await pool.ask([plugin], {
        method: "detect",
        args: [],
        context: ctx,
        service: serveContext(ctx),
        validate(_, value) {
          const read = readFound(value, agent, alive)
          if (typeof read === "string") return read
          found = read
          return null
        },
      })
      return found
    },
    async examine(session, ctx) {
      let examined: Session | null = null
      await pool.ask([plugin], {
        method: "examine",
        args: [session],
        context: ctx,
        service: serveContext(ctx),
        validate(_, value) {
          const read = readExamined(value, session)
          if (typeof read === "string") return read
          examined = read
          return null
        },
      })
      if (examined === null) throw pluginFailure(plugin, "did not examine the session")
      return examined
    },
  }
}

async function ownProcesses(ctx: Context): Promise<(pid: number, startMark: string) => boolean> {
  const marks = new Map<number, string>()
  for (const { pid, startMark, uid } of await ctx.processes.list()) {
    if (uid === ctx.self.uid) marks.set(pid, startMark)
  }
  return (pid, startMark) => marks.get(pid) === startMark
}
