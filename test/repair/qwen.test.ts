/** `doctor` and `repair` of chats of Qwen Code, by the rules of its client, in the compiled program. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { addChat } from "../fixtures/agents/qwen.ts"
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
  const { damages, ...rest } = json.transcript
  type Found = { kind: string; effect: string }
  return {
    code,
    ...rest,
    effects: Object.fromEntries(damages.map(({ kind, effect }: Found) => [kind, effect])),
  }
}

test("a chat that is whole is sound, wherever it lies", async () => {
  const path = addChat(machine, { id, cwd })
  expect(await examined(id)).toMatchObject({ code: 0, agent: "qwen", messages: 4, reached: 4, effects: {} })
  const kept = machine.write(join(machine.root, "kept/chat.jsonl"), readFileSync(path, "utf8"))
  expect(await examined(kept)).toMatchObject({ code: 0, agent: "qwen", effects: {} })
})

test("a torn record hides all before it from the client; repaired, it is there again", async () => {
  const path = addChat(machine, { id, cwd })
  const whole = linesOf(path)
  machine.write(path, whole.with(1, '{"uuid":"0123\n').join(""))
  expect(await examined(id)).toMatchObject({
    code: 1,
    messages: 4,
    reached: 3,
    reachedRepaired: 4,
    effects: { "torn-line": "harmless", "broken-parent": "lost" },
  })
  const said = await machine.run(["restore", id, "--repaired", "--json"])
  expect([said.code, said.stderr]).toEqual([0, ""])
  expect(said.json.copy).toMatchObject({ reached: 4, left: [], proof: { holds: true, lost: 0 } })
  const first = JSON.parse(whole[0] ?? "")
  expect(JSON.parse(linesOf(path)[1] ?? "")).toMatchObject({ parentUuid: first.uuid })
  expect((await examined(id)).code).toBe(0)
})

test("zeros before a record and records on one line are no damage to this client", async () => {
  const path = addChat(machine, { id, cwd })
  const whole = linesOf(path)
  machine.write(path, whole.with(2, `${"\0".repeat(300)}${whole[2]?.trimEnd()}`).join(""))
  expect(await examined(id)).toMatchObject({ code: 0, reached: 4, effects: { "glued-lines": "harmless" } })
})

test("a lost result is answered by the client itself, a lost call hides its result", async () => {
  const path = addChat(machine, { id, cwd })
  const whole = linesOf(path)
  const relinked = (from: number, to: number) =>
    whole[from]?.replace(/"parentUuid":"[^"]*"/, `"parentUuid":"${JSON.parse(whole[to] ?? "").uuid}"`) ?? ""
  machine.write(path, whole.with(4, relinked(4, 2)).toSpliced(3, 1).join(""))
  expect(await examined(id)).toMatchObject({ code: 0, effects: { "call-without-result": "harmless" } })
  machine.write(path, whole.with(3, relinked(3, 1)).toSpliced(2, 1).join(""))
  expect(await examined(id)).toMatchObject({ code: 1, effects: { "result-without-call": "lost" } })
  const said = await machine.run(["repair", id, "--json"])
  expect(said.json.steps.map(({ kind }: { kind: string }) => kind)).toEqual(["parent-relinked", "call-added"])
})

test("a last line that does not belong there ends the conversation early; it is moved", async () => {
  const path = addChat(machine, { id, cwd })
  const whole = linesOf(path)
  machine.write(path, [...whole.slice(2), ...whole.slice(0, 2)].join(""))
  expect(await examined(id)).toMatchObject({ code: 1, messages: 4, reached: 1, reachedRepaired: 4 })
  const said = await machine.run(["repair", id, "--json"])
  expect(said.json.copy).toMatchObject({ reached: 4, proof: { holds: true, lost: 0 } })
})
