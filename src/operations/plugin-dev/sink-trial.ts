import { randomBytes } from "node:crypto"
import type { UserPlugin, UserPlugins } from "../../plugin-host/host/user-plugins.ts"
import { sinkProxy } from "../../plugin-host/proxies/sink.ts"
import type { SinkPart, SinkQuestion } from "../../sdk/contracts.ts"
import { readConfig } from "../../system/config/config.ts"
import { sinkContext } from "../team/remote.ts"
import type { Sample } from "./sample.ts"

/** Sends two parts to the index that is configured, twice, finds them, and removes them. */
export async function checkSink(plugin: UserPlugin, users: UserPlugins, ctx: Sample["ctx"]): Promise<string> {
  const team = readConfig(() => {}).team
  const options = team?.sink === plugin.name ? team.sinkOptions : {}
  plugin.options = options
  const sink = sinkProxy(plugin, users)
  const context = sinkContext(ctx, options, plugin.name)
  const owner = `check-${randomBytes(6).toString("hex")}`
  const parts = ["the first part", "another part"].map((text) => partOf(owner, text))
  const question = (...words: string[]): SinkQuestion => ({
    ...{
      query: { kind: "phrase", words, prefix: false },
      owner,
      sessions: [],
      folders: [],
      folderText: null,
    },
    ...{ role: null, agent: null, tool: null, since: null, until: null, limit: 10 },
  })
  const found = async (...words: string[]) => (await sink.search(question(...words), context)).hits.length
  await sink.prepare(context)
  try {
    await sink.add(parts, context)
    await sink.add(parts, context)
    if ((await found("part")) !== 2) throw new Error("it does not find each part once, sent twice")
    if ((await found("first", "part")) !== 1) throw new Error("it does not find a phrase")
    if ((await found("part", "first")) !== 0)
      throw new Error("it finds a phrase whose words are in another order")
  } finally {
    await sink.forget(owner, "s", context)
  }
  if ((await found("part")) !== 0) throw new Error("it still finds what it has forgotten")
  await sink.add(parts, context)
  if ((await found("part")) !== 0) throw new Error("it takes parts of a session that was forgotten")
  await sink.close?.(context)
  return `took ${parts.length} parts once, found them, and forgot them`
}

function partOf(owner: string, text: string): SinkPart {
  return {
    ...{ id: randomBytes(16).toString("hex"), owner, machine: "here", agent: "claude-code", session: "s" },
    ...{
      title: null,
      project: "/work",
      role: "user",
      kind: "text",
      tool: null,
      isError: false,
      time: 1,
      text,
    },
    words: text.split(" "),
  }
}
