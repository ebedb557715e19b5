import * as v from "valibot"
import type { StoredObject, StoreObject, StorePlugin } from "../../sdk/contracts.ts"
import type { UserPlugin, UserPlugins } from "../host/user-plugins.ts"
import type { PluginService } from "../host/worker-channel.ts"
import { fromCallback } from "./from-callback.ts"
import { teamPlugin } from "./team-plugin.ts"

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
/** Wraps a user's store. Its errors keep their codes: they decide whether anything is tried again. */
export function storeProxy(plugin: UserPlugin, { pool }: UserPlugins): StorePlugin {
  const { ask, parse } = teamPlugin(plugin, pool)
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
