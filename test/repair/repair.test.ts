/** `doctor ID`, `repair` and `restore --repaired` in the compiled program. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { addRollout, threadId } from "../fixtures/codex.ts"
import { Machine, tree } from "../fixtures/machine.ts"
import { assistant, record, sessionId, toolCall, toolResult, user } from "../fixtures/talk/conversation.ts"
import { damaged } from "./mutations.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(7)
const cwd = "/work/one"
const talk = { id, cwd, at: new Date("2026-01-31T12:00:00Z") }
const lines = [
  record(talk, 0, user("fix the login page")),
  record(talk, 1, toolCall("Bash", "toolu_1")),
  record(talk, 2, toolResult("toolu_1", "the page is fixed")),
  record(talk, 3, assistant("It is fixed.")),
  record(talk, 4, user("and the logout page?")),
  record(talk, 5, assistant("That one, too.")),
]
const torn = [...lines.slice(0, 2), lines[2]?.slice(0, 150) ?? "", ...lines.slice(3)].join("")

const repairedFiles = () => readdirSync(join(machine.data, "repaired")).toSorted()
const copyOf = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

describe("doctor ID", () => {
  test("says what a power cut did to the conversation, and changes nothing", async () => {
    machine.transcript(id, { cwd, text: torn })
    const before = tree(machine.home)
    const said = await machine.run(["doctor", id.slice(0, 8)])
    expect(said.code).toBe(1)
    expect(said.stdout).toContain("1 record on a line with something else")
    expect(said.stdout).toContain("its client gets to 2 of 5 messages; repaired, to 5")
    expect(said.stdout).toContain(`Next: session-rescue repair ${id.slice(0, 8)} --dry-run`)
    expect(tree(machine.home)).toEqual(before)
    expect(existsSync(machine.data)).toBe(false)
  })

  test("a sound transcript is called sound", async () => {
    machine.transcript(id, { cwd, text: lines.join("") })
    const said = await machine.run(["doctor", id, "--json"])
    expect([said.code, said.json.transcript.needsRepair, said.json.transcript.damages]).toEqual([
      0,
      false,
      [],
    ])
    expect(said.json.transcript).toMatchObject({ messages: 6, reached: 6, reachedRepaired: 6 })
  })

  test("a file that holds no record of an agent is refused with a hint", async () => {
    const path = machine.write(join(machine.root, "notes.jsonl"), '{"a":1}\n')
    const said = await machine.run(["doctor", path])
    expect([said.code, said.stderr]).toEqual([3, expect.stringContaining("holds no record of an agent")])
  })
})

describe("repair", () => {
  test("writes a copy that holds every readable record, and what could not be read beside it", async () => {
    const path = machine.transcript(id, { cwd, text: torn })
    const before = tree(machine.home)
    const said = await machine.run(["repair", id, "--json"])
    expect(said.code).toBe(0)
    const { copy, steps } = said.json
    expect(copy).toMatchObject({ confirmed: true, messages: 6, reached: 6, left: [] })
    expect(copy.proof).toEqual({ holds: true, records: 5, lost: 0, added: 1, unsearched: 0 })
    expect(steps.map(({ kind }: { kind: string }) => kind)).toEqual([
      "line-separated",
      "stretch-set-aside",
      "parent-relinked",
      "result-added",
    ])
    expect(tree(machine.home)).toEqual(before)
    const manifest = JSON.parse(readFileSync(copy.manifest, "utf8"))
    const [stretch] = manifest.derivation.stretches
    const beside = readFileSync(join(dirname(copy.path), manifest.derivation.beside[0].path))
    const source = readFileSync(path)
    expect(beside.equals(source.subarray(stretch.offset, stretch.offset + stretch.length))).toBe(true)
    expect(copyOf(copy.path).map(({ type }) => type)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
      "assistant",
    ])
  })

  test("a dry run writes nothing", async () => {
    machine.transcript(id, { cwd, text: torn })
    const said = await machine.run(["repair", id, "--dry-run"])
    expect([said.code, said.stdout]).toEqual([0, expect.stringContaining("Nothing was changed.")])
    expect(existsSync(machine.data)).toBe(false)
  })

  test("a file anywhere is repaired into the folder that is named", async () => {
    const path = machine.write(join(machine.root, "kept/old.jsonl"), torn)
    const to = join(machine.root, "out")
    const said = await machine.run(["repair", path, "--to", to, "--json"])
    expect([said.code, dirname(said.json.copy.path), said.json.transcript.id]).toEqual([0, to, id])
  })

  test("bytes in place of a line break, halves of characters and empty texts are repaired one by one", async () => {
    const bad = [
      record(talk, 0, user("half \ud83d of it")),
      `${"\0".repeat(400)}${record(talk, 1, assistant("after the zeros"))}`,
      record(talk, 2, user("")),
      record(talk, 3, assistant("done")),
    ].join("")
    machine.transcript(id, { cwd, text: bad })
    const said = await machine.run(["repair", id, "--json"])
    const [first, , third] = copyOf(said.json.copy.path)
    expect(first.message.content).toBe("half \ufffd of it")
    expect(third.message.content).toBe("(no content)")
    expect(said.json.copy).toMatchObject({ reached: 4, left: [] })
  })

  test("records that follow each other in a loop, or have another's id, are reached again", async () => {
    const looped = lines.map((line, at) => {
      const { uuid } = JSON.parse(lines[5] ?? "")
      if (at === 0) return line.replace('"parentUuid":null', `"parentUuid":"${uuid}"`)
      return line
    })
    const twin = record(talk, 3, assistant("a second answer with the id of the first"))
    machine.transcript(id, { cwd, text: [...looped, twin, record(talk, 6, user("go on"))].join("") })
    const said = await machine.run(["repair", id, "--json"])
    expect(said.json.copy.left).toEqual([])
    expect(said.json.copy.proof.holds).toBe(true)
    expect(new Set(copyOf(said.json.copy.path).map(({ uuid }) => uuid)).size).toBe(8)
  })

  test("a rollout of Codex is repaired by its own rules: order, pairs, and the first record", async () => {
    const thread = threadId(1)
    const path = addRollout(machine, { id: thread, cwd })
    const all = readFileSync(path, "utf8").split(/(?<=\n)/)
    const output = all.findIndex((line) => line.includes("function_call_output"))
    const swapped = all.with(output, all[output - 1] ?? "").with(output - 1, all[output] ?? "")
    machine.write(path, swapped.slice(1).join(""))
    const said = await machine.run(["repair", path, "--json"])
    expect(said.json.steps.map(({ kind }: { kind: string }) => kind)).toEqual(["head-added", "record-moved"])
    expect(said.json.copy).toMatchObject({ left: [], proof: { holds: true, lost: 0 } })
    expect(copyOf(said.json.copy.path)[0]).toMatchObject({ type: "session_meta", payload: { id: thread } })
  })
})

describe("restore --repaired", () => {
  test("saves the damaged file first, then puts the copy in its place", async () => {
    const path = machine.transcript(id, { cwd, text: torn })
    const said = await machine.run(["restore", id, "--repaired", "--json"])
    expect([said.code, said.json.restore.files[0].outcome]).toEqual([0, "replaced"])
    const [saved] = said.json.restore.before
    expect(readFileSync(saved.path, "utf8")).toBe(torn)
    expect(readFileSync(path, "utf8")).toBe(readFileSync(said.json.copy.path, "utf8"))
    expect((await machine.run(["doctor", id])).code).toBe(0)
    // what was saved first is longer or other, and no alarm: this is what the repair made of it
    const status = await machine.run(["status", "--all", "--json"])
    expect(status.json.sessions[0].flags).not.toContain("shrunk")
  })

  test("is refused where nothing needs to be repaired, and while a client holds the session", async () => {
    machine.transcript(id, { cwd, text: lines.join("") })
    expect((await machine.run(["restore", id, "--repaired"])).code).toBe(4)
    const path = machine.transcript(id, { cwd, text: torn })
    const client = await machine.client({ cwd: machine.root })
    machine.registry(client, id, { cwd: machine.root })
    const said = await machine.run(["restore", id, "--repaired"])
    expect([said.code, readFileSync(path, "utf8")]).toEqual([4, torn])
  })

  test("is refused where the client would get to less than now", async () => {
    const { bytes } = damaged(20_974)
    const path = machine.transcript(id, { cwd, text: bytes.toString() })
    const said = await machine.run(["restore", id, "--repaired"])
    expect([said.code, said.stderr]).toEqual([4, expect.stringContaining("nothing was replaced")])
    expect(readFileSync(path, "utf8")).toBe(bytes.toString())
  })

  test("the copy is an export that verify checks, stretches included", async () => {
    machine.transcript(id, { cwd, text: torn })
    await machine.run(["repair", id])
    const [beside = "", , transcript = ""] = repairedFiles()
    expect(repairedFiles()).toHaveLength(3)
    const whole = await machine.run(["verify", join(machine.data, "repaired", transcript)])
    expect(whole.code).toBe(0)
    const [stretches = ""] = readdirSync(join(machine.data, "repaired", beside))
    machine.write(join(machine.data, "repaired", beside, stretches), "x")
    expect((await machine.run(["verify", join(machine.data, "repaired", transcript)])).code).toBe(1)
  })
})
