import * as v from "valibot"
import { type ErrorCode, RescueError } from "../../domain/errors.ts"
import { pluginFailure, type UserPlugin, type UserPlugins } from "../host/user-plugins.ts"
import type { PluginService } from "../host/worker-channel.ts"

const answer = v.variant("ok", [
  v.object({ ok: v.literal(true), value: v.unknown() }),
  v.object({
    ok: v.literal(false),
    code: v.picklist(["STORE_UNAVAILABLE", "STORE_REFUSED", "DAMAGED", "PLUGIN_FAILED"]),
    message: v.string(),
    hint: v.string(),
  }),
])

interface Logging {
  log(message: string): void
}

/** Asks a user's store or sink. Its errors keep their codes: they decide whether anything is tried again. */
export function teamPlugin(plugin: UserPlugin, pool: UserPlugins["pool"]) {
  const ask = async (
    method: string,
    args: readonly unknown[],
    ctx: Logging,
    perform: PluginService["perform"] = () => Promise.reject(new Error("nothing to serve")),
  ): Promise<unknown> => {
    plugin.why = null
    pool.reinstate(plugin)
    const notify: PluginService["notify"] = (_, saying) => {
      if (saying.what === "log" || saying.what === "warn" || saying.what === "trouble")
        ctx.log(saying.message)
    }
    const answered = await pool.ask([plugin], {
      method,
      args,
      context: {},
      service: { perform, notify },
      validate: (_, value) => (v.is(answer, value) ? null : "its answer is not valid"),
    })
    if (answered === null) throw pluginFailure(plugin, `failed at ${method}`)
    const said = answered.value as v.InferOutput<typeof answer>
    if (said.ok) return said.value
    throw new RescueError(said.code as ErrorCode, `${plugin.name}: ${said.message}`, said.hint)
  }
  const parse = <T>(schema: v.GenericSchema<unknown, T>, value: unknown): T => {
    const result = v.safeParse(schema, value)
    if (result.success) return result.output
    throw pluginFailure(plugin, `gave an answer that is not valid (${result.issues[0].message})`)
  }
  return { ask, parse }
}
