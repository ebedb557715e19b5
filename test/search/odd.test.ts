/** Transcripts as crashes, attackers and huge outputs leave them: what is in them is found, and harms no terminal. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { binary } from "../fixtures/machine.ts"
import { assistant, record, toolResult, user } from "../fixtures/talk/conversation.ts"
import { forbidden, untrustedSamples, untrustedText } from "../unit/view/untrusted-samples.ts"
import { calls, failed, Talks } from "./conversations.ts"

const machine = new Talks()
const talk = machine.talk(1)
const line = (number: number, said: Record<string, unknown>) => record(talk, number, said)
const huge = 12_000_000
const tail = (text: string) => text.slice(0, -1)

beforeAll(async () => {
  const halves = tail(line(0, user("object one twinneedle"))) + line(1, user("object two twinneedle"))
  const parts: (string | Uint8Array)[] = [
    halves,
    line(2, user(`${"filler ".repeat(huge / 7)} hugeneedle ${"tail ".repeat(1000)}`)),
    new Uint8Array(3000), // what a power cut leaves
    line(3, user("afternulsneedle")),
    line(4, user("inside \u0000\u0000 nulneedle")),
    `${tail(line(5, user("XX surrogateneedle"))).replace("XX", "\\ud800 \\udfff")}\n`,
    '{"type":"user","message":{"role":"user","content":"tornnee\n',
    "not json at all\n",
    '[1,2,3]\n"text"\nnull\n42\n{}\n{"type":"user"}\n{"type":"user","message":null}\n',
    '{"type":"unknown-kind","uuid":"u","content":"nobody knows"}\n',
    line(6, { ...assistant(`escneedle ${untrustedText}`) }),
    line(7, calls("Bash", "x1", { command: `echo escneedle ${untrustedText}`, description: untrustedText })),
    line(8, failed("x1", `escneedle failed ${untrustedText}`)),
    line(
      9,
      calls(`Tool${untrustedText}`, "x2", { file_path: `/work/${untrustedText}`, content: "escneedle" }),
    ),
    line(10, toolResult("x2", `escneedle ${untrustedText}`)),
    tail(line(11, user("lastneedle without a line's end"))),
  ]
  machine.transcript(talk.id, { cwd: talk.cwd, text: Buffer.concat(parts.map((part) => Buffer.from(part))) })
  machine.write(
    machine.beside(talk, "tool-results/t1.txt"),
    `${untrustedText}\nkeptneedle\n${"x".repeat(200_000)}`,
  )
  await machine.read()
})
afterAll(() => machine.dispose())

test.each([
  ["twinneedle", 2],
  ["hugeneedle", 1],
  ["afternulsneedle", 1],
  ["nulneedle", 1],
  ["surrogateneedle", 1],
  ["lastneedle", 1],
  ["escneedle", 5],
  ["keptneedle", 1],
])("%s: %d", async (needle, count) => {
  const { json } = await machine.ask(needle, "--limit", "20")
  expect([json.hits.length, json.total]).toEqual([count, count])
})

test("the hit in a line of 12 MB is shown where it stands, and its answer is short", async () => {
  const { stdout, json } = await machine.ask("hugeneedle")
  expect(json.hits[0].snippet).toContain("hugeneedle")
  const shown = await machine.run(["cxq", "hugeneedle"])
  expect(shown.stdout).toContain("filler «hugeneedle» tail")
  expect(shown.stdout.length).toBeLessThan(1000)
  expect(stdout.length).toBeGreaterThan(huge) // the document has all of it
})

test("damage is counted and listed with its place", async () => {
  machine.transcript(talk.id, { cwd: "/work/other", text: `{"torn": "\n${line(0, user("fine"))}` })
  const { json } = await machine.run(["cx", "--live", "--json"])
  expect(json.indexed.skippedCount).toBeGreaterThanOrEqual(1)
  expect(json.indexed.skipped).toContainEqual({
    path: machine.transcriptPath(talk.id, "/work/other"),
    offset: 0,
    length: 10,
    why: expect.any(String),
  })
  expect((await machine.ask("--stats")).json.damaged).toBeGreaterThanOrEqual(4)
})

/** Runs it on a terminal of its own, and hands back what that terminal got. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const chunks: Uint8Array[] = []
  const program = machine.start([binary, ...args], {
    env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm-256color", LANG: "C.UTF-8", PAGER: "cat" },
    terminal: { cols: 120, rows: 40, data: (_, data) => void chunks.push(Uint8Array.from(data)) },
  })
  await program.exited
  await program.end()
  return Buffer.concat(chunks).toString("utf8")
}

test.each([
  [["cxq", "escneedle"]],
  [["cxq", "escneedle", "--format", "full", "--context", "2"]],
  [["cxq", "escneedle", "--format", "md"]],
  [["cxq", "escneedle", "--json"]],
  [["cxq", "keptneedle", "--format", "full"]],
  [["cxq", "--recent", "9"]],
  [["cxq", "--recent", "9", "--format", "full"]],
  [["cxq", "--commands", "--format", "full"]],
  [["cxq", "--errors"]],
  [["cxq", "--files"]],
  [["cxq", "--tokens"]],
  [["cxq", untrustedSamples.slice(0, 5).join(" ")]],
  [["cx", "--stats"]],
  [["show", "a0000001"]],
  [["show", "a0000001", "--format", "md"]],
  [["show", "a0000001", "--format", "json"]],
])("no escape sequence of a transcript reaches a terminal: %#", async (args) => {
  const seen = (await onTerminal(args)).replaceAll("\r\n", "\n").replace(/\u001b\[[0-9;]*m|\r\u001b\[K/g, "")
  expect(seen.length).toBeGreaterThan(20)
  expect(forbidden.exec(seen)).toBeNull()
})

test("and none stands in what is piped on", async () => {
  for (const args of [
    ["cxq", "escneedle", "--format", "full"],
    ["cxq", "--recent", "9", "--format", "md"],
    ["show", "a0000001"],
  ]) {
    const { stdout } = await machine.run(args)
    expect(forbidden.exec(stdout)).toBeNull()
  }
})

test("the document of such a session is JSON, and has all that was said as it was", async () => {
  for (const args of [
    ["show", talk.id, "--json"],
    ["show", talk.id, "--format", "json"],
  ]) {
    const { json, code } = await machine.run(args)
    expect(code).toBe(0)
    const texts = json.items.flatMap((item: { part?: { text: string } }) => item.part?.text ?? [])
    expect(texts).toContain(`escneedle ${untrustedText}`)
    const damaged = json.items.filter(({ type }: { type: string }) => type === "damaged")
    expect(damaged.map(({ why }: { why: string }) => why)).toContainEqual(expect.stringContaining("NUL"))
  }
})
