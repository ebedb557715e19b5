import * as v from "valibot"
import type { SinkAnswer, SinkPlugin } from "../../sdk/contracts.ts"
import type { UserPlugin, UserPlugins } from "../host/user-plugins.ts"
import { teamPlugin } from "./team-plugin.ts"

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const orNull = v.nullable(v.string())
const answer = v.object({
  total: count,
  hits: v.array(
    v.object({
      ...{ id: v.string(), owner: v.string(), machine: v.string(), agent: v.string(), session: v.string() },
      ...{ title: orNull, project: orNull, role: v.string(), kind: v.string(), tool: orNull },
      ...{ isError: v.boolean(), time: v.nullable(v.number()), text: v.string() },
    }),
  ),
})

/** Wraps a user's sink. */
export function sinkProxy(plugin: UserPlugin, { pool }: UserPlugins): SinkPlugin {
  const { ask, parse } = teamPlugin(plugin, pool)
  return {
    name: plugin.name,
    stage: "sink",
    async prepare(ctx) {
      await ask("prepare", [], ctx)
    },
    async identity(ctx) {
      return parse(v.string(), await ask("identity", [], ctx))
    },
    async add(parts, ctx) {
      await ask("add", [parts], ctx)
    },
    async forget(owner, session, ctx) {
      return parse(count, await ask("forget", [owner, session], ctx))
    },
    async search(question, ctx): Promise<SinkAnswer> {
      return parse(answer, await ask("search", [question], ctx))
    },
    async close(ctx) {
      await ask("close", [], ctx)
    },
  }
}
