import type { ActContext, ActPlugin, ClassifiedSession } from "../../sdk/contracts.ts"
import { failed, type UserPlugin, type UserPlugins } from "../host/user-plugins.ts"
import { whyNotPlain } from "../protocol/answers.ts"
import { looking } from "./context-service.ts"

/** A user's act plugin as the pipeline knows one. */
export function actProxy(plugin: UserPlugin, { crew }: UserPlugins): ActPlugin {
  return {
    name: plugin.name,
    stage: "act",
    async act(session: ClassifiedSession, ctx: ActContext) {
      const { save, ...rest } = ctx
      plugin.why = null
      crew.forgive(plugin)
      const answered = await crew.ask([plugin], {
        method: "act",
        args: [session],
        context: ctx,
        service: looking(rest, { session, save }),
        judge: (_, value) => whyNotPlain(value),
      })
      if (answered === null && plugin.why !== null) throw failed(plugin, "failed")
      return answered?.value ?? null
    },
  }
}
