/**
 * Needles among many messages, looked for by the binary: each is found, each once, and lies where the answer says.
 * SESSION_RESCUE_TEST_MESSAGES says how many messages they are hidden in.
 */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { appendFileSync, readFileSync, rmSync } from "node:fs"
import { user } from "../fixtures/talk/conversation.ts"
import { writeMessages } from "../fixtures/talk/messages.ts"
import { Talks } from "../search/conversations.ts"

const messages = Number(process.env.SESSION_RESCUE_TEST_MESSAGES ?? 6000)
const machine = new Talks()

beforeAll(async () => {
  const needles = new Map([
    [2, "outputneedle"], // the third of four messages is a tool's output
    [Math.floor(messages / 2), "失われた針"],
    [messages - 2, "src/needle-in/some_path.spec.ts"],
    [messages - 5, "aiguille cachée"],
  ])
  writeMessages(machine.claude, { seed: 5, messages, needles })
  machine.say(machine.talk(1), [
    user("before the compaction there was compactneedle"),
    { type: "system", subtype: "compact_boundary", content: "Conversation compacted" },
    { ...user("A summary without it."), isCompactSummary: true },
  ])
  machine.subagent(machine.talk(1), "a1", [user("subagentneedle")])
  const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n} of a long output\n`)
  lines[777] = "keptneedle early\n"
  lines[19_998] = "lateneedle almost at its end\n"
  machine.write(machine.beside(machine.talk(1), "tool-results/toolu_7.txt"), lines.join(""))
  const torn = machine.say(machine.talk(2), [user("tornneedle here"), user("and then the power went")])
  const bytes = readFileSync(torn)
  machine.write(torn, bytes.subarray(0, bytes.length - 40))
  // exported, archived, and then purged by the client
  machine.say(machine.talk(3), [user("archivedneedle")])
  machine.write(machine.beside(machine.talk(3), "tool-results/toolu_8.txt"), "keptarchivedneedle\n")
  await machine.run(["export", "a0000003"])
  await machine.run(["cx"])
  rmSync(machine.beside(machine.talk(3), "."), { recursive: true })
  rmSync(machine.transcriptPath(machine.talk(3).id, "/work/one"))
  await machine.read()
  await machine.run(["export", "a0000001"]) // a second copy of what is live
  await machine.read("--no-archive")
}, 600_000)
afterAll(() => machine.dispose())

const all = [
  ["outputneedle", "tool_result"],
  ["失われた針", "text"],
  ["src/needle-in/some_path.spec.ts", "tool_result"],
  ["aiguille cachee", null],
  ["compactneedle", "text"],
  ["subagentneedle", "text"],
  ["keptneedle", "tool_result"],
  ["lateneedle", "tool_result"],
  ["keptarchivedneedle", "tool_result"],
  ["tornneedle", "text"],
  ["archivedneedle", "text"],
] as const

async function isThereOnce(needle: string, kind: string | null): Promise<void> {
  const { json } = await machine.ask(needle)
  expect([needle, json.hits.length, json.total, json.totalIsExact]).toEqual([needle, 1, 1, true])
  const [{ kind: is, text, source }] = json.hits
  if (kind !== null) expect(is).toBe(kind)
  const archived = source.path.endsWith(".zst")
  const held = archived ? Bun.spawnSync(["zstd", "-qdc", source.path]).stdout : readFileSync(source.path)
  const raw = held.toString("utf8", source.offset, source.offset + source.length)
  if (source.document.endsWith(".txt")) expect(raw).toBe(text)
  else expect(JSON.stringify(JSON.parse(raw))).toContain(JSON.stringify(text.slice(-9)).slice(1, -1))
}

test.each(all)("%s is found, once, and its record is where the answer says", isThereOnce)

test("an answer out of kept output is a piece of it, of the session's own project", async () => {
  const { json } = await machine.ask("keptneedle", "--project", "/work/one", "--role", "tool")
  const [{ text, session }] = json.hits
  expect([session, text.length > 4096, text.length < 20_000]).toEqual([machine.talk(1).id, true, true])
  expect(text).toEndWith("\n")
})

test("reading on reads only what is new, also of kept output that grew", async () => {
  const nothing = await machine.read("--json", "--no-archive")
  expect(nothing.json.indexed).toMatchObject({ bytes: 0, messages: 0 })
  appendFileSync(machine.beside(machine.talk(1), "tool-results/toolu_7.txt"), "grownneedle\n")
  const grown = await machine.read("--json", "--no-archive")
  expect(grown.json.indexed).toMatchObject({ bytes: 12, messages: 1, rewritten: [] })
  await isThereOnce("grownneedle", "tool_result")
})

test("made anew from nothing but what lies there, it is the same", async () => {
  const parts = async () => (await machine.run(["cx", "--stats", "--json"])).json.parts
  const before = await parts()
  await machine.read("--rebuild", "--no-archive")
  for (const [needle, kind] of all) await isThereOnce(needle, kind)
  await isThereOnce("grownneedle", "tool_result")
  expect(await parts()).toBe(before)
}, 120_000)
