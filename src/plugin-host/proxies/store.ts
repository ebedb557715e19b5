import * as v from "valibot"
import { type ErrorCode, RescueError } from "../../domain/errors.ts"
import type { StoreContext, StoredObject, StoreObject, StorePlugin } from "../../sdk/contracts.ts"
import { pluginFailure, type UserPlugin, type UserPlugins } from "../host/user-plugins.ts"
import type { PluginService } from "../host/worker-channel.ts"
import { fromCallback } from "./from-callback.ts"

const stored = v.object({
  name: v.string(),
  length: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sha256: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  parts: v.optional(
    v.object({
      bytes: v.pipe(v.number(), v.integer(), v.minValue(1)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
})
const answer = v.variant("ok", [
  v.object({ ok: v.literal(true), value: v.unknown() }),
  v.object({
    ok: v.literal(false),
    code: v.picklist(["STORE_UNAVAILABLE", "STORE_REFUSED", "DAMAGED", "PLUGIN_FAILED"]),
    message: v.string(),
    hint: v.string(),
  }),
])

/** Wraps a user's store. Its errors keep their codes: they decide whether anything is tried again. */
export function storeProxy(plugin: UserPlugin, { pool }: UserPlugins): StorePlugin {
  const ask = async (
    method: string,
    args: readonly unknown[],
    ctx: StoreContext,
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
  return {
    name: plugin.name,
    stage: "store",
    async put(name, object, ctx) {
      const said = await ask("put", [name, object.length, object.sha256], ctx, serveObject(object))
      return parse(v.picklist(["stored", "exists"]), said)
    },
    async *open(name, from, ctx) {
      yield* fromCallback(async (take) => {
        await ask("open", [name, from], ctx, async (method, [bytes]) => {
          if (method !== "take" || !(bytes instanceof Uint8Array))
            throw new Error("only bytes can be handed over")
          return take(bytes)
        })
      })
    },
    async *list(prefix, ctx) {
      const said = await ask("list", [prefix], ctx)
      yield parse(v.array(stored), said) as readonly StoredObject[]
    },
    async head(name, ctx) {
      return parse(v.nullable(stored), await ask("head", [name], ctx)) as StoredObject | null
    },
    async remove(name, ctx) {
      await ask("remove", [name], ctx)
    },
  }
}

const maxPiece = 8 << 20

function serveObject(object: StoreObject): PluginService["perform"] {
  return async (method, [offset, length]) => {
    if (method !== "read" || typeof offset !== "number" || typeof length !== "number")
      throw new Error("only bytes can be read")
    return object.read(Math.max(0, offset), Math.min(maxPiece, Math.max(0, length)))
  }
}
