/** `doctor` and `repair` of other agents' transcripts, by the rules of their clients, in the compiled program. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { addCopilot } from "../fixtures/agents/copilot.ts"
import { addKimi, kimiId } from "../fixtures/agents/kimi.ts"
import { chat, chatName } from "../fixtures/gemini/talk.ts"
import { Machine } from "../fixtures/machine.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = "0123abcd-1111-4222-8333-444444444444"
const cwd = "/work/one"

const linesOf = (path: string) => readFileSync(path, "utf8").split(/(?<=\n)/)
async function examined(name: string) {
  const { code, json } = await machine.run(["doctor", name, "--json"])
  return { code, ...json.transcript }
}
/** Repairs it in place, and gives what the client's file holds then. */
async function repaired(name: string, path: string): Promise<string[]> {
  const said = await machine.run(["restore", name, "--repaired", "--json"])
  expect([said.code, said.stderr]).toEqual([0, ""])
  expect(said.json.copy).toMatchObject({ left: [], proof: { holds: true, lost: 0 } })
  return linesOf(path)
}
const effects = (found: { damages: { kind: string; effect: string }[] }) =>
  Object.fromEntries(found.damages.map(({ kind, effect }) => [kind, effect]))

describe("Copilot", () => {
  test("zeros before an event hide it; a session without its first event is not loaded", async () => {
    const path = addCopilot(machine, { id, cwd })
    const whole = linesOf(path)
    const damaged = whole.slice(1).with(3, `${"\0".repeat(300)}${whole[4]}`)
    machine.write(path, damaged.join(""))
    const found = await examined(id)
    expect(effects(found)).toMatchObject({ "glued-lines": "lost", "no-first-record": "refused" })
    expect([found.code, found.reached]).toEqual([1, 0])
    const now = await repaired(id, path)
    expect(now.slice(1)).toEqual(whole.slice(1))
    expect(JSON.parse(now[0] ?? "")).toMatchObject({ type: "session.start", data: { sessionId: id } })
  })

  test("an event with bytes that are not UTF-8 is lost to the client; lines without an event are not needed", async () => {
    const path = addCopilot(machine, { id, cwd })
    const bytes = readFileSync(path)
    bytes[bytes.indexOf("please mend")] = 0xff
    machine.write(path, Buffer.concat([bytes, Buffer.from("null\n")]))
    expect(effects(await examined(id))).toMatchObject({ "invalid-utf8": "lost", "null-line": "harmless" })
    expect((await repaired(id, path)).join("")).toContain("\ufffdlease mend")
  })
})

describe("Gemini CLI", () => {
  const talk = { id, cwd, at: new Date("2026-01-31T12:00:00Z") }
  const path = () => join(machine.home, ".gemini/tmp/one/chats", chatName(talk))
  const write = (lines: readonly string[]) => {
    machine.write(join(machine.home, ".gemini/projects.json"), JSON.stringify({ projects: { [cwd]: "one" } }))
    return machine.write(path(), lines.join(""))
  }

  test("records on one line are skipped by the client, and are on lines of their own again", async () => {
    const whole = chat(talk).split(/(?<=\n)/)
    write(whole.with(2, whole[2]?.trimEnd() ?? ""))
    const found = await examined(id)
    expect([effects(found)["glued-lines"], found.reached < found.messages]).toEqual(["lost", true])
    expect(await repaired(id, path())).toEqual(whole)
  })

  test("a chat without its first record is not listed by the client, and gets one with its folder's sum", async () => {
    const whole = chat(talk).split(/(?<=\n)/)
    write(whole.slice(1))
    const said = await machine.run(["repair", path(), "--json"])
    const [head, ...rest] = linesOf(said.json.copy.path)
    expect(JSON.parse(head ?? "")).toMatchObject({
      sessionId: expect.stringContaining("0123abcd"),
      kind: "main",
    })
    expect(rest).toEqual(whole.slice(1))
  })
})

describe("Kimi Code", () => {
  test("the client cuts off its file at the first line that is broken: all behind it is said to be lost", async () => {
    const path = addKimi(machine, { id: kimiId(1), cwd })
    const whole = linesOf(path)
    machine.write(path, whole.toSpliced(2, 0, '{"type":"turn.pro\n').join(""))
    const found = await examined(kimiId(1))
    expect(effects(found)["torn-line"]).toBe("lost")
    expect(found.reached).toBeLessThan(found.messages)
    expect(await repaired(kimiId(1), path)).toEqual(whole)
    expect((await examined(kimiId(1))).code).toBe(0)
  })

  test("a torn end is left as it is: nothing is behind it", async () => {
    const path = addKimi(machine, { id: kimiId(1), cwd })
    machine.write(path, `${readFileSync(path, "utf8")}{"type":"turn.pro`)
    expect(await examined(kimiId(1))).toMatchObject({ code: 0, needsRepair: false })
  })
})
