import type { ActContext, ActPlugin, ClassifiedSession } from "../../sdk/contracts.ts"
import { pluginFailure, type UserPlugin, type UserPlugins } from "../host/user-plugins.ts"
import { reasonNotPlain } from "../protocol/answers.ts"
import { serveContext } from "./context-service.ts"

/** Wraps a user's act plugin for the pipeline. */
export function actProxy(plugin: UserPlugin, { pool }: UserPlugins): ActPlugin {
  return {
    name: plugin.name,
    stage: "act",
    async act(session: ClassifiedSession, ctx: ActContext) {
      const { save, ...rest } = ctx
      plugin.why = null
      pool.reinstate(plugin)
      const answered = await pool.ask([plugin], {
        method: "act",
        args: [session],
        context: ctx,
        service: serveContext(rest, { session, save }),
        validate: (_, value) => reasonNotPlain(value),
      })
      if (answered === null && plugin.why !== null) throw pluginFailure(plugin, "failed")
      return answered?.value ?? null
    },
  }
}
