import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, renameSync } from "node:fs"
import { Machine } from "../fixtures/machine.ts"
import { conversation, record, sessionId, user } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const talk = { id, cwd: "/work/one", at: new Date(Date.now() - 60_000) }
const whole = conversation(talk)

async function status(text: string | Uint8Array) {
  machine.transcript(id, { text })
  const { json, code, stderr } = await machine.run(["status", "--json"])
  expect([code, stderr, json.sessions.length]).toEqual([0, "", 1])
  return json.sessions[0]
}

test("a torn last line is marked, and what stands before it counts", async () => {
  expect(await status(`${whole}{"type":"user","mess`)).toMatchObject({
    detail: "closed",
    flags: ["torn-tail"],
    title: "please mend the login page",
  })
})

test("a last line without its newline is whole", async () => {
  expect(await status(whole.trimEnd())).toMatchObject({ detail: "closed", flags: [] })
})

test("runs of NUL bytes and two objects on one line are marked, and the rest is read", async () => {
  for (const damage of [
    "\u0000".repeat(4096),
    '{"type":"a"}{"type":"b"}',
    "not JSON",
    "[1]",
    "17",
    "\u00ff\ufffe",
  ]) {
    expect(await status(`${damage}\n${whole}`)).toMatchObject({
      detail: "closed",
      flags: ["corrupt"],
      cwd: "/work/one",
    })
  }
  expect(await status(`${whole}${"\u0000".repeat(4096)}`)).toMatchObject({
    detail: "closed",
    flags: ["torn-tail"],
  })
})

test.each([
  ["0 bytes", ""],
  ["only newlines", "\n\n\n"],
  [
    "only the client's bookkeeping",
    `{"type":"mode","sessionId":"${id}"}\n{"type":"file-history-snapshot"}\n`,
  ],
])("a transcript of %s is a stub", async (_, text) => {
  expect(await status(text)).toMatchObject({ state: "ORPHANED", detail: "stub", title: null, flags: [] })
})

test("a line of 12 MB, first or last or in the middle, is read", async () => {
  const long = record(talk, 5, user("x".repeat(12_000_000)))
  expect(await status(long + whole)).toMatchObject({ detail: "closed", title: "x".repeat(200) })
  expect(await status(whole + long)).toMatchObject({
    detail: "ended mid-turn",
    title: "please mend the login page",
  })
  const end = record(talk, 6, {
    type: "assistant",
    message: { content: [{ type: "text", text: "ok" }], stop_reason: "end_turn" },
  })
  expect(await status(whole + long + end)).toMatchObject({
    detail: "closed",
    title: "please mend the login page",
  })
})

test("unknown types, odd values and lone surrogates are no trouble", async () => {
  const odd = [
    '{"type":"hologram","message":{"content":7}}',
    '{"type":"user","message":null,"timestamp":42,"cwd":[]}',
    '{"type":"assistant","message":{"content":[null,3,{"type":"tool_use"}],"usage":"many"},"timestamp":"never"}',
    '{"type":"summary","summary":"half \\ud83d a pair"}',
    '{"__proto__":{"type":"user"},"type":{"a":1}}',
    "{}",
  ]
  const session = await status(`${odd.join("\n")}\n${whole}`)
  expect(session).toMatchObject({ detail: "closed", flags: [], title: expect.stringContaining("half ") })
  const { stdout, code } = await machine.run(["status", "--explain"])
  expect([code, stdout.isWellFormed()]).toEqual([0, true])
})

test("a name that is not UTF-8 beside the transcripts hides none of them", async () => {
  const path = machine.transcript(id)
  const folder = path.replace(/[^/]*$/, "")
  const odd = Buffer.concat([Buffer.from(folder), Buffer.from([0xff, 0xfe])])
  renameSync(machine.write(`${folder}x`, ""), odd)
  const inside = path.replace(/\.jsonl$/, "/tool-results/")
  renameSync(machine.write(`${inside}x`, "output"), Buffer.concat([Buffer.from(inside), Buffer.from([0xe9])]))
  const { json, code } = await machine.run(["status", "--json"])
  expect([code, json.sessions]).toMatchObject([0, [{ id, footprintFiles: 2 }]])
})

test.skipIf(!Bun.which("setpriv"))(
  "a transcript that may not be read is listed, and named in a warning",
  async () => {
    const path = machine.transcript(id)
    chmodSync(path, 0)
    const powerless =
      process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
    const { json, code } = await machine.run(["status", "--json"], { program: powerless })
    expect([code, json.sessions]).toMatchObject([0, [{ id, state: "ORPHANED", transcript: path }]])
    expect(json.warnings).toEqual([`${path} cannot be read: EACCES`])
  },
)
