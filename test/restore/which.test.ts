import { afterEach, beforeEach, expect, test } from "bun:test"
import { readFileSync, truncateSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { footprintOf, id, Rescued } from "./rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

test.each([false, true])(
  "of exports that grew, the longest is restored (archived in part: %s)",
  async (archived) => {
    const bases = [await machine.export()]
    machine.grow()
    bases.push(await machine.export())
    machine.grow('{"type":"user","more":1}\n')
    bases.push(await machine.export())
    const before = footprintOf(machine)
    const [first = "", , last = ""] = bases
    if (archived) await machine.archiveIt(first)
    if (archived) await machine.archiveIt(last)
    machine.loseHome()
    const { code, json } = await machine.restore(id, "--json")
    expect([code, json.restore.place]).toEqual([0, archived ? "archived" : "pending"])
    expect(basename(json.restore.manifest)).toStartWith(basename(last))
    expect(footprintOf(machine)).toEqual(before)
  },
)

test("the longest counts, not the newest: one saved when only parts were left is held by it", async () => {
  const before = footprintOf(machine)
  const whole = await machine.export()
  await Bun.file(machine.transcriptFile).delete()
  await machine.export()
  machine.loseHome()
  const { code, json } = await machine.restore(id, "--json")
  expect([code, json.restore.export]).toEqual([0, `${whole}.jsonl`])
  expect(footprintOf(machine)).toEqual(before)
})

test("what an earlier export has and the chosen one has not is said", async () => {
  await machine.export()
  await Bun.file(join(machine.own, "tool-results/b.txt")).delete()
  machine.grow()
  await machine.export()
  machine.loseHome()
  const { code, json } = await machine.restore(id, "--json")
  expect(code).toBe(0)
  expect(json.warnings).toEqual([expect.stringContaining("tool-results/b.txt")])
})

test("a stub saved after a good copy: both are listed, nothing is written, and a file's name chooses", async () => {
  const good = readFileSync(machine.transcriptFile)
  const [first, second] = [await machine.export(), ""]
  writeFileSync(machine.transcriptFile, '{"type":"summary"}\n')
  const stub = second || (await machine.export())
  machine.loseHome()
  const refused = await machine.restore(id, "--json")
  expect([refused.code, refused.json.error.code]).toEqual([2, "AMBIGUOUS"])
  for (const base of [first, stub]) expect(refused.json.error.message).toContain(base)
  expect([...footprintOf(machine)]).toEqual([])
  for (const name of [
    `${first}.jsonl`,
    `${first}.manifest.json`,
    `${basename(first)}.jsonl`,
    basename(first),
  ]) {
    machine.loseHome()
    const { code } = await machine.restore(name)
    expect([name, code, readFileSync(machine.transcriptFile).equals(good)]).toEqual([name, 0, true])
  }
  machine.loseHome()
  const archived = await machine.archiveIt(first)
  for (const name of [`${archived}.archive.json`, `${archived}.jsonl.zst`, `${archived}.manifest.json`]) {
    machine.loseHome()
    const { code } = await machine.restore(name)
    expect([name, code, readFileSync(machine.transcriptFile).equals(good)]).toEqual([name, 0, true])
  }
  expect((await machine.restore(id)).code).toBe(2) // still two, one of them archived
})

test("an export that lies outside the data folder is restored from its file", async () => {
  const before = footprintOf(machine)
  const base = await machine.export()
  const away = join(machine.root, "usb stick")
  await Bun.$`mv ${machine.pending()} ${away}`.quiet()
  machine.loseHome()
  expect((await machine.restore(join(away, `${basename(base)}.jsonl`))).code).toBe(0)
  expect(footprintOf(machine)).toEqual(before)
})

test("names that fit nothing, or too much", async () => {
  await machine.export()
  machine.transcript(sessionId(2), { cwd: machine.cwd })
  await machine.run(["export", sessionId(2)])
  const tried: [string[], number, string][] = [
    [["a000"], 2, "AMBIGUOUS"],
    [["a00"], 2, "USAGE"],
    [["ffff"], 3, "EXPORT_NOT_FOUND"],
    [["./none.jsonl"], 3, "EXPORT_NOT_FOUND"],
    [[join(machine.claude, "settings.json")], 2, "USAGE"],
    [[], 2, "USAGE"],
    [["--all", id], 2, "USAGE"],
  ]
  for (const [names, code, error] of tried) {
    const answer = await machine.restore(...names, "--json")
    expect([names, answer.code, answer.json.error.code]).toEqual([names, code, error])
  }
})

test("an export copied by hand has no manifest, so where it belongs is asked", async () => {
  const base = await machine.export()
  await Bun.file(`${base}.manifest.json`).delete()
  await Bun.$`rm -r ${base}.files`.quiet()
  const answer = await machine.restore(`${base}.jsonl`, "--json")
  expect([answer.code, answer.json.error.code]).toEqual([2, "USAGE"])
  expect(answer.json.error.message).toContain("no manifest")
  expect(answer.json.error.hint).toStartWith("if it is in the pending folder, run session-rescue cx")
  expect((await machine.run(["cx"])).code).toBe(0)
  expect((await machine.restore(id)).code).toBe(0)
})

test("a longest one that cannot be read is said; the next is restored by its file", async () => {
  const first = await machine.export()
  const before = footprintOf(machine)
  machine.grow()
  const longest = await machine.archiveIt(await machine.export())
  truncateSync(`${longest}.jsonl.zst`, 100)
  machine.loseHome()
  const answer = await machine.restore(id, "--json")
  expect([answer.code, answer.json.error.code]).toEqual([1, "DAMAGED"])
  expect([...footprintOf(machine)]).toEqual([])
  expect((await machine.restore(`${first}.jsonl`)).code).toBe(0)
  expect(footprintOf(machine)).toEqual(before)
})
