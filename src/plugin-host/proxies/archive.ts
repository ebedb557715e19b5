import type {
  ArchiveContext,
  ArchiveFile,
  ArchivePlugin,
  ArchiveSource,
  ArchiveStaging,
} from "../../sdk/contracts.ts"
import { pluginFailure, type UserPlugin, type UserPlugins } from "../host/user-plugins.ts"
import type { PluginService } from "../host/worker-channel.ts"
import { fromCallback } from "./from-callback.ts"

/** Wraps a user's archiver for the pipeline. The caller decodes and compares its output. */
export function archiveProxy(plugin: UserPlugin, { pool }: UserPlugins): ArchivePlugin {
  const ask = async (
    method: string,
    args: readonly unknown[],
    perform: PluginService["perform"],
    log: (text: string) => void,
  ) => {
    const notify: PluginService["notify"] = (_, saying) => {
      if (saying.what === "log" || saying.what === "warn") log(saying.message)
      else if (saying.what === "trouble") log(`${saying.message}`)
    }
    plugin.why = null
    pool.reinstate(plugin)
    const answered = await pool.ask([plugin], {
      method,
      args,
      context: {},
      service: { perform, notify },
      validate: (_, value) => (value === true ? null : "it did not finish"),
    })
    if (answered === null)
      throw pluginFailure(plugin, method === "store" ? "did not store the export" : "did not open it")
  }
  return {
    name: plugin.name,
    stage: "archive",
    async store(exported, staging: ArchiveStaging, ctx: ArchiveContext) {
      await ask("store", [exported], serveStaging(staging), ctx.log)
    },
    async *open(source, file, from) {
      yield* fromCallback((take) =>
        ask("open", [file, from, lengthsOf(source)], serveReading(source, take), () => {}),
      )
    },
  }
}

/** Serves the requests of an archiver that stores: create a file, or keep a file of the export unchanged. */
function serveStaging(staging: ArchiveStaging): PluginService["perform"] {
  const files = new Map<string, ArchiveFile>()
  return async (method, [name, bytes]) => {
    if (typeof name !== "string") throw new Error("a file needs a name")
    if (method === "keep") return staging.keep(name, String(bytes))
    if (method === "create" && !files.has(name)) return void files.set(name, staging.create(name))
    const file = files.get(name)
    if (file === undefined || method === "create")
      throw new Error(`${name} can be created once, and written after that`)
    if (method === "end") return file.end()
    if (method !== "add" || !(bytes instanceof Uint8Array)) throw new Error("only bytes can be added")
    return file.add(bytes)
  }
}

/** Serves the requests of an archiver that opens: read stored bytes, and deliver decoded ones. */
function serveReading(
  source: ArchiveSource,
  take: (bytes: Uint8Array) => Promise<boolean>,
): PluginService["perform"] {
  return async (method, [first, offset, length]) => {
    if (method === "read") return source.read(first as string, offset as number, length as number)
    if (method !== "take" || !(first instanceof Uint8Array)) throw new Error("only bytes can be handed over")
    return take(first)
  }
}

/** All stored files with their lengths. */
function lengthsOf(source: ArchiveSource): Record<string, number> {
  return Object.fromEntries(source.names().map((name) => [name, source.length(name)]))
}
