import type { TeamIndex } from "../../../src/operations/team-search/sink.ts"
import type { SinkContext, SinkPlugin } from "../../../src/sdk/contracts.ts"
import { connectSql } from "../../../src/system/net/sql.ts"
import { s3Context } from "../s3/s3-team.ts"

export function contextOf({ name }: SinkPlugin, options: SinkContext["options"]): SinkContext {
  return {
    ...s3Context(""),
    log: (message) => console.log(`${name}: ${message}`),
    options,
    environment: {},
    sql: connectSql,
  }
}

/** A sink of this process. */
export function sinkOf(
  plugin: SinkPlugin,
  options: SinkContext["options"],
  more: Partial<TeamIndex> = {},
): TeamIndex {
  const context = contextOf(plugin, options)
  return {
    ...{ owner: "alice", machine: "here", place: "here", key: plugin.name },
    settings: {
      ...{ owner: "alice", projects: ["/work"], exclude: [], store: "store-folder", recipients: [] },
      ...{ identity: null, options: {}, sink: plugin.name, sinkOptions: {} },
    },
    prepare: () => plugin.prepare(context),
    identity: async () => (await plugin.identity?.(context)) ?? null,
    add: (parts) => plugin.add(parts, context),
    forget: (session) => plugin.forget("alice", session, context),
    search: (question) => plugin.search(question, context),
    close: async () => plugin.close?.(context),
    ...more,
  }
}
