/** What doctor reports about files that carry a session's id, and about homes it does not search. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { dirname, join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

const id = sessionId(1)
const gone = sessionId(2)
let machine: Machine
let project: string
beforeEach(() => {
  machine = new Machine()
  project = dirname(machine.transcript(id))
})
afterEach(() => machine.dispose())

async function doctor(topic: string, env: Record<string, string> = {}) {
  const { json } = await machine.run(["doctor", "--json"], { env })
  const found = json.findings.filter((each: { topic: string }) => each.topic === topic)
  return found as { level: string; message: string; next: string | null }[]
}

test("a home with nothing but what the client makes is not worth a word", async () => {
  for (const place of [
    `file-history/${id}/a@v1`,
    `image-cache/${id}/1.png`,
    `projects/-z/${id}/tool-results/b.txt`,
  ])
    machine.write(join(machine.claude, place), "x")
  machine.write(join(machine.claude, `file-history/${gone}/a@v1`), "x")
  expect([...(await doctor("files")), ...(await doctor("homes"))]).toEqual([])
})

test("copies and files of unknown kinds are named, saved with their sessions or left by those that are gone", async () => {
  machine.write(`${project}/${id}.jsonl.bak`, "x")
  machine.write(join(machine.claude, `telemetry/failed.${id}.json`), "x")
  machine.write(`${project}/${gone} copy.jsonl`, "x")
  const [copies, unknown, left] = await doctor("files")
  expect(copies).toMatchObject({ level: "ok", message: expect.stringContaining(`${id}.jsonl.bak`) })
  expect(unknown).toMatchObject({
    level: "ok",
    message: expect.stringContaining(`telemetry/failed.${id}.json`),
  })
  expect(left).toMatchObject({ level: "advice", message: expect.stringContaining(`${gone} copy.jsonl`) })
})

test("an id in capitals is named", async () => {
  machine.transcript(sessionId(3).toUpperCase())
  expect((await doctor("files"))[0]?.message).toContain(sessionId(3).toUpperCase())
})

test("homes that nobody looks into are named, with the line that has them looked into", async () => {
  const others = [
    ".config/claude",
    ".claude-work",
    ".claude-profiles/second",
    ".config/Claude/local-agent-mode-sessions/a1/b2/local_c3/.claude",
    "Library/Application Support/Claude/local-agent-mode-sessions/a1/b2/local_c3/.claude",
  ].map((place) => join(machine.home, place))
  for (const other of others) machine.write(join(other, `projects/-a/${id}.jsonl`), "{}\n")
  machine.write(join(machine.home, ".claude-empty/settings.json"), "{}")
  machine.write(join(machine.home, ".config/other/projects/-a/x"), "")
  const [found] = await doctor("homes")
  expect(found).toMatchObject({ level: "advice" })
  for (const other of others) expect([found?.message, found?.next].join()).toContain(other)
  expect(found?.message).toStartWith("5 homes with sessions not searched")
  const config = machine.write(
    join(machine.home, ".config/session-rescue/config.toml"),
    `${found?.next?.replace(/^.*: homes/, "homes")}\n`,
  )
  expect(config).toEndWith("config.toml")
  expect(await doctor("homes")).toEqual([])
})
