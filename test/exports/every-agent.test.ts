/** Each agent's exports have folders of their own; every command that works on exports sees all of them. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { PluginMachine } from "../fixtures/plugins.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

const plugin = `
import { definePlugin, joinPath, parseSessionId, showPath } from "session-rescue"
export default definePlugin({
  name: "scribe", stage: "detect", agent: "scribe",
  async detect(ctx) {
    const home = ctx.paths.home + "/.scribe"
    return ctx.files.names(home).flatMap((file) => {
      const id = parseSessionId(showPath(file).replace(/\\.jsonl$/, ""))
      const transcript = joinPath(home, file)
      const stat = ctx.files.stat(transcript)
      if (id === null || stat === null) return []
      return [{ agent: "scribe", id, home, transcript, transcriptSize: stat.size, modifiedAt: stat.modifiedAt,
        process: null, candidates: [], current: null, reported: null, purgeAt: null, identity: [], flags: [], detectData: {} }]
    })
  },
  async examine(found, ctx) {
    const { size, modifiedAt } = ctx.files.stat(found.transcript)
    return { ...found, footprint: [{ path: found.transcript, relative: found.id + ".jsonl", kind: "file", size, modifiedAt }],
      sizeBytes: size, lastActivity: modifiedAt, conversation: "whole", exitedCleanly: null, title: "a talk", cwd: null,
      turn: { phase: "ended", openCalls: [], lastRecordAt: modifiedAt, message: "over" },
      gitBranch: null, version: null, startedAt: null, contextTokens: null }
  },
})`

let machine: PluginMachine
const scribed = sessionId(7)
beforeEach(() => {
  machine = new PluginMachine()
  machine.add("detect", "scribe", plugin)
  machine.transcript(machine.id, {})
  mkdirSync(join(machine.home, ".scribe"))
  writeFileSync(talk(), '{"title":"a talk"}\n')
})
afterEach(() => machine.dispose())

const talk = () => join(machine.home, ".scribe", `${scribed}.jsonl`)
const namesIn = (folder: string) => readdirSync(join(machine.data, `sessions-export-${folder}`))
const ask = async (...args: string[]) => {
  const { json, code } = await machine.ask([...args, "--json"])
  expect([args, code, json.warnings ?? []]).toEqual([args, 0, []])
  return json
}

test("a session is saved among its agent's, and found there by every command", async () => {
  const { exports } = await ask("export", "--all")
  expect(exports.map(({ id }: { id: string }) => id).toSorted()).toEqual([machine.id, scribed].toSorted())
  expect(namesIn("pending-anthropic").join()).toContain(machine.id)
  expect(namesIn("pending-anthropic").join()).not.toContain(scribed)
  expect(namesIn("pending-scribe").join()).toContain(scribed)
  expect((await ask("export", scribed)).exports).toMatchObject([{ status: "unchanged" }])
  expect((await ask("list")).exports).toHaveLength(2)
  expect((await ask("verify")).exports).toMatchObject([{ state: "whole" }, { state: "whole" }])
  const { exports: queue } = await ask("queue")
  expect(queue).toHaveLength(2)
  const { sessions } = await ask("status", "--all")
  expect(sessions.map(({ saved }: { saved: { kind: string } }) => saved.kind)).toEqual(["saved", "saved"])
})

test("a pruned one leaves its agent's folder alone", async () => {
  await ask("export", "--all")
  appendFileSync(talk(), '{"more":1}\n')
  machine.transcript(machine.id, { open: true })
  await ask("export", scribed)
  const { removed } = await ask("prune")
  expect(removed).toMatchObject([{ id: scribed }])
  expect(namesIn("pending-scribe").filter((name) => name.endsWith(".jsonl"))).toHaveLength(1)
})

test("what is archived goes to the archive of its agent, named or not", async () => {
  await ask("export", "--all")
  await ask("cx", scribed)
  expect(namesIn("archive-scribe").join()).toContain(scribed)
  expect(namesIn("pending-scribe")).toEqual([])
  expect(namesIn("pending-anthropic").join()).toContain(machine.id)
  await ask("cx")
  expect(namesIn("archive-anthropic").join()).toContain(machine.id)
  expect((await ask("list")).exports).toMatchObject([{ state: "archived" }, { state: "archived" }])
  expect((await ask("verify")).exports).toMatchObject([{ state: "whole" }, { state: "whole" }])
})
