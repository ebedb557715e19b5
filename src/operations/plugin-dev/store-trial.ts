import { randomBytes } from "node:crypto"
import type { UserPlugin, UserPlugins } from "../../plugin-host/host/user-plugins.ts"
import { storeProxy } from "../../plugin-host/proxies/store.ts"
import { readConfig } from "../../system/config/config.ts"
import { objectOf, storeContext } from "../team/remote.ts"
import type { Sample } from "./sample.ts"

/** Stores an object in the store that is configured, asks for it in every way, and removes it. */
export async function checkStore(
  plugin: UserPlugin,
  users: UserPlugins,
  ctx: Sample["ctx"],
): Promise<string> {
  const team = readConfig(() => {}).team
  const options = team?.store === plugin.name ? team.options : {}
  plugin.options = options
  const store = storeProxy(plugin, users)
  const context = storeContext(ctx, options, plugin.name)
  const bytes = randomBytes(100_000)
  const name = `v1/check/${randomBytes(8).toString("hex")}`
  const object = objectOf(bytes)
  if ((await store.put(name, object, context)) !== "stored") throw new Error("a new object is said to exist")
  try {
    if ((await store.put(name, object, context)) !== "exists") throw new Error("it stored an object twice")
    const found = await store.head(name, context)
    if (found?.length !== bytes.length) throw new Error("it does not know the length of what it stored")
    const parts: Uint8Array[] = []
    for await (const part of store.open(name, 1000, context)) parts.push(Uint8Array.from(part))
    if (!Buffer.concat(parts).equals(bytes.subarray(1000)))
      throw new Error("what it gives back is not what it was given")
    const pages = await Array.fromAsync(store.list("v1/check/", context))
    if (!pages.flat().some((each) => each.name === name)) throw new Error("it does not list what it stored")
  } finally {
    await store.remove(name, context)
  }
  if ((await store.head(name, context)) !== null) throw new Error("it still has what it removed")
  return `stored ${bytes.length} bytes, gave them back as they were, and removed them`
}
