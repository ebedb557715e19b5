/** A team's archive: what is pushed to it, pulled from it, verified there and forgotten. */
import { RescueError } from "../../domain/errors.ts"
import { isOwner } from "../../domain/team/layout.ts"
import type { PluginRegistry } from "../../pipeline/plugin-registry.ts"
import type { Context } from "../../sdk/context.ts"
import type {
  SinkContext,
  StoreContext,
  StoredObject,
  StoreObject,
  StorePlugin,
} from "../../sdk/contracts.ts"
import type { TeamSettings } from "../../system/config/team.ts"
import { isPrivateFile } from "../../system/fs/trust.ts"
import { sendRequest } from "../../system/net/request.ts"
import { connectSql } from "../../system/net/sql.ts"
import { sharedFolder } from "../../system/net/team-folder.ts"
import { runProgram } from "../../system/process/run-program.ts"

/** The store of this user's team. */
export interface Remote {
  readonly owner: string
  readonly settings: TeamSettings
  /** For people: the plugin and its place. */
  readonly place: string
  /** Distinguishes this store, owner and encryption from any other that was configured before. */
  readonly key: string
  put(name: string, object: StoreObject): Promise<"stored" | "exists">
  open(name: string, from?: number): AsyncIterable<Uint8Array>
  list(prefix: string): AsyncIterable<readonly StoredObject[]>
  head(name: string): Promise<StoredObject | null>
  remove(name: string): Promise<void>
  /** null when there is no such object. Throws when it is larger. */
  readSmall(name: string, maxBytes: number): Promise<Buffer | null>
}

/** Settings under which something may leave this machine. */
export type ReadySettings = TeamSettings & { readonly owner: string }

/** Throws unless the config file says who pushes, and to where. */
export function requireTeam(settings: TeamSettings | null): ReadySettings {
  const hint =
    "add [team] with owner and projects, and [team.store], to ~/.config/session-rescue/config.toml (docs/team.md)"
  if (settings === null)
    throw new RescueError("USAGE", "no team is set up: nothing leaves this machine", hint)
  const { owner } = settings
  if (owner === null) throw new RescueError("USAGE", "[team] has no owner: nothing leaves this machine", hint)
  if (!isOwner(owner))
    throw new RescueError(
      "USAGE",
      `invalid owner in [team]: ${JSON.stringify(owner)}`,
      "use small letters, digits, . _ and -, at most 63",
    )
  return { ...settings, owner }
}

/** For people; of the options only those that say where. */
export function placeOf({ store, options }: TeamSettings): string {
  const said = ["folder", "endpoint", "bucket", "prefix"].flatMap((key) =>
    typeof options[key] === "string" ? [options[key]] : [],
  )
  return [store, ...said].join(" ")
}

/** null: the team has no index. */
export function sinkPlaceOf({ sink, sinkOptions }: TeamSettings): string | null {
  if (sink === null) return null
  const said = ["url", "schema", "index"].flatMap((key) =>
    typeof sinkOptions[key] === "string" ? [sinkOptions[key]] : [],
  )
  return [sink, ...said].join(" ")
}

export function keyOf(settings: ReadySettings): string {
  const { store, options, owner, recipients } = settings
  const text = JSON.stringify([store, Object.entries(options).toSorted(), owner, recipients.length > 0])
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 16)
}

export async function openRemote(
  team: TeamSettings | null,
  plugins: PluginRegistry,
  ctx: Context,
): Promise<Remote> {
  const settings = requireTeam(team)
  const { plugin, options } = await plugins.ofTeam("store", {
    name: settings.store,
    options: settings.options,
    warn: ctx.warn,
  })
  return remoteFrom(settings, plugin, storeContext(ctx, options, plugin.name))
}

export function remoteFrom(settings: ReadySettings, plugin: StorePlugin, context: StoreContext): Remote {
  return {
    owner: settings.owner,
    settings,
    place: placeOf(settings),
    key: keyOf(settings),
    put: (name, object) => plugin.put(name, object, context),
    open: (name, from = 0) => plugin.open(name, from, context),
    list: (prefix) => plugin.list(prefix, context),
    head: (name) => plugin.head(name, context),
    remove: (name) => plugin.remove(name, context),
    async readSmall(name, maxBytes) {
      const known = await plugin.head(name, context)
      if (known === null) return null
      if (known.length > maxBytes)
        throw new RescueError("DAMAGED", `${name} is larger than any we write`, "nothing was changed")
      const parts: Uint8Array[] = []
      let length = 0
      for await (const bytes of plugin.open(name, 0, context)) {
        length += bytes.length
        if (length > known.length) break
        parts.push(Uint8Array.from(bytes))
      }
      if (length !== known.length)
        throw new RescueError(
          "DAMAGED",
          `${name} has ${known.length} bytes and gave ${length}`,
          "run it again",
        )
      return Buffer.concat(parts)
    },
  }
}

export function storeContext(...of: Parameters<typeof contextOf>): StoreContext {
  return { ...contextOf(...of), sharedFolder }
}

export function sinkContext(...of: Parameters<typeof contextOf>): SinkContext {
  return { ...contextOf(...of), sql: connectSql }
}

/** What a store and a sink may both do. */
function contextOf(
  { files, paths, signal, self, warn }: Context,
  options: StoreContext["options"],
  name: string,
): Omit<StoreContext, "sharedFolder"> {
  return {
    files,
    paths,
    signal,
    options,
    environment: self.environment,
    log: (message) => warn(`${name}: ${message}`),
    run: (program, how = {}) => runProgram(program, { ...how, signal }),
    now: () => Date.now(),
    delay: (milliseconds) => waitFor(milliseconds, signal),
    isPrivate: isPrivateFile,
    request: sendRequest,
  }
}

function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}

/** An object from memory. */
export function objectOf(bytes: Uint8Array): StoreObject {
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex")
  return {
    length: bytes.length,
    sha256,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  }
}
