/** What people know a session by is found and shown, wherever it stands. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync } from "node:fs"
import { assistant, record, user } from "../fixtures/talk/conversation.ts"
import { Talks } from "./conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

const talk = () => machine.talk(1)
const line = (fields: object) => `${JSON.stringify({ ...fields, sessionId: talk().id })}\n`

describe("a name that was given", () => {
  const name = () => line({ type: "custom-title", customTitle: "harvest-ledger" })
  const filling = (from: number, megabytes: number) =>
    Array.from({ length: 100 * megabytes }, (_, n) =>
      record(talk(), from + n, assistant("0 ".repeat(5000))),
    ).join("")

  test("in the middle of a large transcript", async () => {
    const text = record(talk(), 0, user("hello")) + filling(1, 2) + name() + filling(500, 2)
    machine.transcript(talk().id, { cwd: talk().cwd, text })
    expect((await machine.run(["status", "--all"])).stdout).toContain("harvest-ledger")
    await machine.read()
    expect((await machine.ask("harvest-ledger")).json.hits[0].session).toBe(talk().id)
  })

  test("quoted in what a tool printed is none", async () => {
    const quoted = record(talk(), 1, assistant(`it says ${name()}`))
    const text = record(talk(), 0, user("hello")) + quoted + filling(2, 2)
    machine.transcript(talk().id, { cwd: talk().cwd, text })
    expect((await machine.run(["status", "--all"])).stdout).toContain("hello")
  })

  test("in a file of its own", async () => {
    machine.transcript(talk().id, { cwd: talk().cwd, text: record(talk(), 0, user("hello")) + filling(1, 1) })
    machine.write(
      machine.beside(talk(), "custom-title.json"),
      JSON.stringify({ customTitle: "the-ledger", by: "user" }),
    )
    expect((await machine.run(["status", "--all"])).stdout).toContain("the-ledger")
    await machine.read()
    expect((await machine.ask("the-ledger")).json.hits[0].session).toBe(talk().id)
  })
})

test("an answer of an MCP server in several pieces, kept as JSON", async () => {
  machine.say(talk(), [user("ask")])
  const pieces = [{ type: "text", text: "shelf list\nmarmalade on quokka-17" }]
  machine.write(machine.beside(talk(), "tool-results/toolu_1.json"), JSON.stringify(pieces, null, 2))
  await machine.read()
  const { json } = await machine.ask("quokka-17")
  expect(json.hits.map(({ text }: { text: string }) => text)).toEqual([pieces[0]?.text])
  expect((await machine.run(["show", talk().id])).stdout).toContain("quokka-17")
  expect((await machine.run(["show", talk().id, "--around", `${json.hits[0].part}`])).stdout).toContain(
    "→ the hit",
  )
})

describe("of a purged session", () => {
  const gone = "c0000001-1111-4222-8333-444444444444"
  beforeEach(async () => {
    const typed = {
      display: "repair the sluice",
      timestamp: 1763632000000,
      project: "/work/one",
      sessionId: gone,
    }
    machine.write(`${machine.claude}/history.jsonl`, `${JSON.stringify(typed)}\n`)
    await machine.read()
  })

  test("the prompts are found, and said to be all that is left", async () => {
    expect((await machine.ask("sluice")).json.hits[0]).toMatchObject({
      ...{ kind: "prompt", session: gone },
      source: { document: "history.jsonl" },
    })
    expect((await machine.run(["cxq", "sluice"])).stdout).toContain("you (only this prompt remains)")
    expect((await machine.run(["show", gone])).stdout).toMatch(
      /only this prompt remains[\s\S]*repair the sluice/,
    )
    expect((await machine.run(["doctor"])).stdout).toContain("only the prompts remain")
  })
})

test("records of a type that nobody knows are named by doctor, and found when asked for", async () => {
  const path = machine.say(talk(), [user("hello")])
  appendFileSync(path, line({ type: "new-type", note: "an odd wombat" }))
  await machine.read()
  expect((await machine.run(["doctor"])).stdout).toContain('"new-type" (1 record)')
  expect((await machine.ask("wombat")).code).toBe(3)
  expect(await machine.texts("wombat", "--all-parts")).toEqual(["an odd wombat"])
})

test("what a client wrote into another session's file is found, shown and brought back", async () => {
  const [other, without] = [machine.talk(2), machine.talk(3)]
  const strays = record(other, 5, user("a stray pelican")) + record(without, 6, user("a stray heron"))
  appendFileSync(machine.say(talk(), [user("mine")]), strays)
  machine.say(other, [user("other begins")])
  await machine.read()
  for (const [word, session] of [
    ["pelican", other.id],
    ["heron", without.id],
  ] as const) {
    expect((await machine.ask(word)).json.hits[0].session).toBe(session)
    expect(await machine.texts(word, "--session", talk().id)).toHaveLength(1)
    const { stdout } = await machine.run(["show", session])
    expect(stdout).toMatch(new RegExp(`In the file of a0000001[\\s\\S]*${word}`))
    expect(stdout).not.toContain("mine")
    expect((await machine.run(["resume", session])).code).toBe(0)
  }
  const { json } = await machine.run(["resume", without.id, "--json"])
  expect(json.resumes.map(({ id }: { id: string }) => id)).toEqual([talk().id])
  expect(json.warnings[0]).toContain("has no transcript")
})
