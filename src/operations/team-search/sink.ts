/** A team's index: the parts of sessions that are sent to it, and its answers. */
import { hostname } from "node:os"
import { RescueError } from "../../domain/errors.ts"
import type { PluginRegistry } from "../../pipeline/plugin-registry.ts"
import type { Context } from "../../sdk/context.ts"
import type { SinkAnswer, SinkPart, SinkQuestion } from "../../sdk/contracts.ts"
import type { TeamSettings } from "../../system/config/team.ts"
import { type ReadySettings, requireTeam, sinkContext, sinkPlaceOf } from "../team/remote.ts"

/** The index of this user's team. */
export interface TeamIndex {
  readonly owner: string
  readonly machine: string
  readonly settings: ReadySettings
  /** For people: the plugin and its place. */
  readonly place: string
  /** Distinguishes this index, and what may be sent to it, from any other that was configured before. */
  readonly key: string
  prepare(): Promise<void>
  /** Another one once what was sent may be gone there; null: the plugin cannot tell. */
  identity(): Promise<string | null>
  add(parts: readonly SinkPart[]): Promise<void>
  forget(session: string): Promise<number>
  search(question: SinkQuestion): Promise<SinkAnswer>
  close(): Promise<void>
}

/** Throws unless the config file names an index. */
export async function openSink(
  team: TeamSettings | null,
  plugins: PluginRegistry,
  ctx: Context,
): Promise<TeamIndex> {
  const settings = requireTeam(team)
  if (settings.sink === null)
    throw new RescueError(
      "USAGE",
      "your team has no index: [team.sink] is missing in config.toml",
      "docs/team.md shows its lines",
    )
  const { owner, sink, sinkOptions, projects, exclude } = settings
  const { plugin, options } = await plugins.ofTeam("sink", {
    name: sink,
    options: sinkOptions,
    warn: ctx.warn,
  })
  const context = sinkContext(ctx, options, plugin.name)
  const identity = JSON.stringify([sink, Object.entries(sinkOptions).toSorted(), owner, projects, exclude])
  return {
    ...{ owner, settings, machine: hostname(), place: sinkPlaceOf(settings) ?? plugin.name },
    key: new Bun.CryptoHasher("sha256").update(identity).digest("hex").slice(0, 16),
    prepare: () => plugin.prepare(context),
    identity: async () => (await plugin.identity?.(context)) ?? null,
    add: (parts) => plugin.add(parts, context),
    forget: (session) => plugin.forget(owner, session, context),
    search: (question) => plugin.search(question, context),
    close: async () => plugin.close?.(context),
  }
}
