/** Sessions of every agent on the page: whatever their files are, their conversations are read in stretches. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { addCopilot } from "../fixtures/agents/copilot.ts"
import { addKimi, kimiId } from "../fixtures/agents/kimi.ts"
import { OpencodeDatabase, sessionName } from "../fixtures/agents/opencode.ts"
import { addChat as addQwen } from "../fixtures/agents/qwen.ts"
import { addRollout, threadId } from "../fixtures/codex.ts"
import { addChat as addGemini } from "../fixtures/gemini/client.ts"
import { chatName, oldChat } from "../fixtures/gemini/talk.ts"
import { user } from "../fixtures/talk/conversation.ts"
import { Talks } from "../search/conversations.ts"
import { Serving } from "./serving.ts"

let machine: Talks
let server: Serving | null = null
beforeEach(() => {
  machine = new Talks()
})
afterEach(async () => {
  await server?.stop()
  server = null
  await machine.dispose()
})

const uuid = (number: number) => `b000000${number}-1111-4222-8333-444444444444`
const prompt = "where do the herons nest"
const cwd = "/work/one"

const agents: readonly (readonly [agent: string, id: string, add: () => unknown])[] = [
  ["claude-code", uuid(1), () => machine.say(machine.talk(1, { id: uuid(1) }), [user(prompt)])],
  [
    "codex",
    threadId(2, 1_790_000_000_000),
    () => addRollout(machine, { id: threadId(2, 1_790_000_000_000), cwd, prompt }),
  ],
  ["copilot", uuid(3), () => addCopilot(machine, { id: uuid(3), cwd, prompt })],
  ["gemini", uuid(4), () => addGemini(machine, { id: uuid(4), cwd, prompt })],
  [
    "gemini, one document",
    uuid(5),
    () => {
      const talk = { id: uuid(5), cwd, prompt, at: new Date(Date.now() - 60_000) }
      return addGemini(machine, { ...talk, text: oldChat(talk), name: chatName(talk, "json") })
    },
  ],
  [
    "opencode",
    sessionName(6),
    () => new OpencodeDatabase(machine).add({ id: sessionName(6), cwd, said: prompt }),
  ],
  ["qwen", uuid(7), () => addQwen(machine, { id: uuid(7), cwd, prompt })],
  ["kimi", kimiId(8), () => addKimi(machine, { id: kimiId(8), cwd, prompt })],
]

test.each(agents)("%s", async (_, id, add) => {
  add()
  server = await Serving.start(machine)
  const key = (await server.enter()) ?? ""
  const own = server
  const timeline = await own.get(`/api/session/${id}`, key)
  // biome-ignore lint/suspicious/noExplicitAny: what the page reads
  const { files, agent, ...about } = (await timeline.json()) as any
  expect([timeline.status, about.error]).toEqual([200, undefined])
  const texts: string[] = []
  for (const { document, offsets } of files)
    for (const [at, from] of offsets.slice(0, -1).entries()) {
      const asked = new URLSearchParams({ document, agent, from: `${from}`, to: `${offsets[at + 1]}` })
      texts.push(await (await own.get(`/api/session/${id}/block?${asked}`, key)).text())
    }
  expect(texts.join("\n")).toContain(prompt)
  expect(texts.join("\n")).not.toContain("damaged:")
  const { stdout } = await machine.run(["show", id, "--format", "html"])
  expect(stdout).toContain(prompt)
})
