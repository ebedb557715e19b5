import { RescueError } from "../../session/errors.ts"
import type { FoundSession, Session } from "../../session/session.ts"
import type { Verdict } from "../../session/state.ts"
import type { Context } from "../context.ts"
import type { ActContext, ActPlugin, ClassifiedSession, ClassifyPlugin, DetectPlugin } from "../stages.ts"
import { readExamined, readFound, readVerdict, whyNotPlain } from "./answers.ts"
import { looking } from "./service.ts"
import type { UserPlugin, UserPlugins } from "./user-plugins.ts"

/** A user's detect plugin as the pipeline knows one: what it answers is looked at before it is believed. */
export function detectProxy(plugin: UserPlugin, { crew }: UserPlugins): DetectPlugin {
  const agent = plugin.shape?.agent ?? plugin.name
  return {
    name: plugin.name,
    stage: "detect",
    agent,
    async detect(ctx) {
      const alive = await livingProcesses(ctx)
      let found: readonly FoundSession[] = []
      await crew.ask([plugin], {
        method: "detect",
        args: [],
        context: ctx,
        service: looking(ctx),
        judge(_, value) {
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
      await crew.ask([plugin], {
        method: "examine",
        args: [session],
        context: ctx,
        service: looking(ctx),
        judge(_, value) {
          const read = readExamined(value, session)
          if (typeof read === "string") return read
          examined = read
          return null
        },
      })
      if (examined === null) throw failed(plugin, "did not examine the session")
      return examined
    },
  }
}

async function livingProcesses(ctx: Context): Promise<(pid: number, startMark: string) => boolean> {
  const marks = new Map<number, string>()
  for (const { pid, startMark, uid } of await ctx.processes.list()) {
    if (uid === ctx.self.uid) marks.set(pid, startMark)
  }
  return (pid, startMark) => marks.get(pid) === startMark
}

/**
 * Users' classify plugins of one tier, asked together: the first that answers decides. None is asked about the
 * session we are in.
 */
export function classifyProxy(plugins: readonly UserPlugin[], { crew }: UserPlugins): ClassifyPlugin {
  return {
    name: "users",
    stage: "classify",
    async classify(session, ctx) {
      if (session.current !== null) return null
      let verdict: Verdict | null = null
      const answered = await crew.ask(plugins, {
        method: "classify",
        args: [session],
        context: ctx,
        service: looking(ctx),
        judge(_, value) {
          const read = readVerdict(value, session)
          if (typeof read === "string") return read
          verdict = read
          return null
        },
      })
      if (answered === null || verdict === null) return null
      const { state, detail, evidence, flags } = verdict as Verdict
      const by = { signal: "plugin", says: `decided by your plugin ${answered.member.name}` }
      return { state, detail, evidence: [by, ...evidence], flags }
    },
  }
}

export function actProxy(plugin: UserPlugin, { crew }: UserPlugins): ActPlugin {
  return {
    name: plugin.name,
    stage: "act",
    async act(session: ClassifiedSession, ctx: ActContext) {
      const { save, ...rest } = ctx
      const answered = await crew.ask([plugin], {
        method: "act",
        args: [session],
        context: ctx,
        service: looking(rest, { session, save }),
        judge: (_, value) => whyNotPlain(value),
      })
      if (answered === null && plugin.state !== "loaded") throw failed(plugin, "failed")
      return answered?.value ?? null
    },
  }
}

export function failed(plugin: UserPlugin, what: string): RescueError {
  return new RescueError(
    "PLUGIN_FAILED",
    `the plugin ${plugin.name} ${what}${plugin.why === null ? "" : `: ${plugin.why}`}`,
    `try it by itself: session-rescue plugin check ${plugin.path}`,
  )
}
