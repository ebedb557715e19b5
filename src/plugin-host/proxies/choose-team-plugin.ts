import { RescueError } from "../../domain/errors.ts"
import type { Plugin } from "../../sdk/contracts.ts"
import type { UserPlugins } from "../host/user-plugins.ts"
import { readOptions } from "../protocol/options.ts"

/** What `[team.store]` or `[team.sink]` says. */
export interface AskedPlugin {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly warn: (message: string) => void
}

export interface ChosenPlugin<S extends Plugin["stage"]> {
  readonly plugin: Extract<Plugin, { readonly stage: S }>
  readonly options: Readonly<Record<string, unknown>>
}

/** The store or the sink that the config file names: a built-in one, else the user's. */
export async function chooseTeamPlugin<S extends "store" | "sink">(
  stage: S,
  { name, options: given, warn }: AskedPlugin,
  from: { readonly builtIn: readonly Plugin[]; usersOf(): Promise<UserPlugins | null> },
): Promise<ChosenPlugin<S>> {
  const say = (message: string) => warn(`config.toml, [team.${stage}]: ${message}`)
  const ours = from.builtIn.find((plugin) => plugin.stage === stage && plugin.name === name)
  if (ours !== undefined)
    return { plugin: ours as ChosenPlugin<S>["plugin"], options: readOptions(given, ours.options ?? {}, say) }
  const users = await from.usersOf()
  const found = (users?.loaded(stage) ?? []).find((plugin) => plugin.name === name)
  if (users === null || found === undefined) throw teamPluginNotFound(stage, name, from.builtIn)
  const options = readOptions(given, found.meta?.options ?? {}, say)
  found.options = options
  const proxy: Plugin =
    stage === "store"
      ? (await import("./store.ts")).storeProxy(found, users)
      : (await import("./sink.ts")).sinkProxy(found, users)
  return { plugin: proxy as ChosenPlugin<S>["plugin"], options }
}

function teamPluginNotFound(stage: "store" | "sink", name: string, builtIn: readonly Plugin[]): RescueError {
  const known = builtIn.flatMap((plugin) => (plugin.stage === stage ? [plugin.name] : []))
  return new RescueError(
    "PLUGIN_NOT_FOUND",
    `there is no ${stage} plugin called ${JSON.stringify(name)}`,
    `known: ${known.join(", ")}; one of your own must lie where session-rescue plugin list shows it`,
  )
}
