import type { Verdict } from "../../domain/session/state.ts"
import type { ClassifyPlugin } from "../../sdk/contracts.ts"
import type { UserPlugin, UserPlugins } from "../host/user-plugins.ts"
import { readVerdict } from "../protocol/answers.ts"
import { serveContext } from "./context-service.ts"

/**
 * Wraps the user's classify plugins of one tier: the first answer decides. The current session is not sent to
 * them.
 */
export function classifyProxy(plugins: readonly UserPlugin[], { pool }: UserPlugins): ClassifyPlugin {
  return {
    name: "users",
    stage: "classify",
    async classify(session, ctx) {
      if (session.current !== null) return null // safety: current-not-asked
      let verdict: Verdict | null = null
      const answered = await pool.ask(plugins, {
        method: "classify",
        args: [session],
        context: ctx,
        service: serveContext(ctx),
        validate(_, value) {
          const read = readVerdict(value, session)
          if (typeof read === "string") return read
          verdict = read
          return null
        },
      })
      if (answered === null || verdict === null) return null
      const { state, detail, evidence, flags } = verdict as Verdict
      const by = { signal: "plugin", message: `decided by your plugin ${answered.member.name}` }
      return { state, detail, evidence: [by, ...evidence], flags }
    },
  }
}
