import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { exportName } from "../../../src/domain/export/export.ts"
import { ownTag } from "../../../src/rescue/io/owner-tag.ts"
import { SaveHarness } from "./save-harness.ts"

const gonePid = 4194300 // above what this kernel counts to in a test
let harness: SaveHarness
let at: Date
let name: string
beforeEach(() => {
  harness = new SaveHarness()
  harness.write("sub/agent.jsonl", "agent\n")
  at = new Date("2026-01-02T03:04:05Z")
  name = exportName(harness.id, at)
})
afterEach(() => harness.dispose())

async function deadTag(): Promise<string> {
  const [host] = (await ownTag()).split("-")
  return `${host}-${gonePid}-1`
}

/** What a run leaves behind that dies just before it publishes. */
function staging(tag: string, transcript: string, files = "agent\n"): string {
  const folder = join(harness.pending, `.${harness.id}.${tag}.0123abcd.tmp`)
  mkdirSync(join(folder, "files/sub"), { recursive: true })
  writeFileSync(join(folder, "session.jsonl"), transcript)
  writeFileSync(join(folder, "files/sub/agent.jsonl"), files)
  return folder
}

const hidden = () => readdirSync(harness.pending).filter((each) => each.startsWith("."))
const run = () => harness.save(harness.plan("sub/agent.jsonl"), { now: () => at })
/** A manifest for the name that the dead run was about to take. */
async function manifestText(): Promise<string> {
  const text = harness.read((await run()).manifest)
  for (const each of readdirSync(harness.pending)) rmSync(join(harness.pending, each), { recursive: true })
  return text
}

/** Held open, its number cannot become that of a file made in its place. */
function held(path: string): () => boolean {
  const fd = openSync(path, "r")
  return () => {
    const { ino } = fstatSync(fd)
    closeSync(fd)
    return statSync(path, { throwIfNoEntry: false })?.ino === ino
  }
}

test("what a dead run left is removed when the session still holds it", async () => {
  staging(await deadTag(), "one\ntw")
  expect((await run()).status).toBe("verified")
  expect([hidden(), harness.warnings]).toEqual([[], []])
})

test("it is removed even when the session has not changed since its last export", async () => {
  await run()
  staging(await deadTag(), "one\n")
  expect((await run()).status).toBe("unchanged")
  expect(hidden()).toEqual([])
})

test("a left copy of a file that is written whole is removed when the file has all its records, and only then", async () => {
  const source = harness.write("sub/agent.jsonl", '{"a":{"id":1},"b":{"id":2}}')
  const plan = harness.plan("sub/agent.jsonl")
  const [file] = plan.files
  if (file === undefined) throw new Error("no file")
  const whole = { ...plan, files: [{ ...file, source, store: "rewritten" as const }] }
  staging(await deadTag(), "one\n", '{"b":{"id":2}}')
  expect((await harness.save(whole, { now: () => at })).status).toBe("verified")
  expect(hidden()).toEqual([])
  const other = '{"b":{"id":3}}'
  staging(await deadTag(), "one\n", other)
  await harness.save(whole, { now: () => new Date(at.getTime() + 1000) })
  const [kept = ""] = hidden()
  expect(harness.read(join(harness.pending, kept, "files/sub/agent.jsonl"))).toBe(other)
})

test.each(["transcript", "other file"])(
  "a left %s that the session no longer has is kept and named",
  async (which) => {
    const bytes = "words that are gone from the session"
    if (which === "transcript") staging(await deadTag(), bytes)
    else staging(await deadTag(), "one\n", bytes)
    expect((await run()).status).toBe("verified")
    const [kept = ""] = hidden()
    expect(harness.warnings).toEqual([expect.stringContaining(join(harness.pending, kept))])
    const file = which === "transcript" ? "session.jsonl" : "files/sub/agent.jsonl"
    expect(harness.read(join(harness.pending, kept, file))).toBe(bytes)
  },
)

test("a copy cut off with holes, as parts reach the disk in any order, is removed", async () => {
  const text = "words of a conversation that goes on\n".repeat(1000)
  harness.write(`${harness.id}.jsonl`, text)
  const [unit, whole] = [4096, Buffer.from(text)]
  const left = Buffer.from(whole.subarray(0, 5 * unit + 17))
  left.fill(0, unit, 3 * unit).fill(0, 5 * unit)
  staging(await deadTag(), left.toString())
  expect((await run()).status).toBe("verified")
  expect([hidden(), harness.warnings]).toEqual([[], []])
})

test.each([
  ["zeros that are no hole, since they begin within a unit of the disk", 4090],
  ["other bytes behind a hole", 2 * 4096 + 1],
])("%s: kept and named", async (_, at) => {
  const text = "words of a conversation that goes on\n".repeat(1000)
  harness.write(`${harness.id}.jsonl`, text)
  const left = Buffer.from(text)
  left.fill(0, 4096, 2 * 4096).write(at < 4096 ? "\0" : "x", at)
  staging(await deadTag(), left.toString())
  expect((await run()).status).toBe("verified")
  expect(harness.warnings).toEqual([expect.stringContaining("not found in the session: kept in")])
  expect(hidden()).toHaveLength(1)
})

test("what a live run, another machine or another session is working on is not touched", async () => {
  const tag = await ownTag()
  const others = [
    staging(tag, "x"),
    staging(`00000000-${gonePid}-1`, "x"),
    staging(await deadTag(), "x").replace(harness.id, harness.id.replace("a", "b")),
  ]
  mkdirSync(others[2] ?? "")
  mkdirSync(join(harness.pending, ".somebody-elses.tmp"))
  await run()
  for (const folder of others) expect(existsSync(folder)).toBe(true)
  expect(existsSync(join(harness.pending, ".somebody-elses.tmp"))).toBe(true)
})

test("a folder put by hand under the name a dead run wanted is not taken for the dead run's", async () => {
  const text = await manifestText()
  const folder = staging(await deadTag(), "one\n")
  writeFileSync(join(folder, "manifest.json"), text)
  const byHand = join(harness.pending, `${name}.files/sub`)
  mkdirSync(byHand, { recursive: true })
  writeFileSync(join(byHand, "agent.jsonl"), "agent\n")
  const isStillIt = held(byHand)
  await run()
  expect(hidden()).toEqual([])
  expect(isStillIt()).toBe(true)
  expect(harness.read(join(byHand, "agent.jsonl"))).toBe("agent\n")
})

test("a manifest another run has published under that name meanwhile is not the dead run's either", async () => {
  const text = await manifestText()
  const folder = staging(await deadTag(), "one\n")
  writeFileSync(join(folder, "manifest.json"), text)
  rmSync(join(folder, "files"), { recursive: true })
  mkdirSync(join(harness.pending, `${name}.files/sub`), { recursive: true })
  const theirs = join(harness.pending, `${name}.manifest.json`)
  writeFileSync(theirs, text)
  const isStillIt = held(theirs)
  await run()
  expect(hidden()).toEqual([])
  expect(isStillIt()).toBe(true)
  expect(existsSync(join(harness.pending, `${name}.files/sub`))).toBe(true)
})

test("what a dead run had published without its .jsonl is removed with it", async () => {
  const text = await manifestText()
  const folder = staging(await deadTag(), "one\n")
  writeFileSync(join(folder, "manifest.json"), text)
  linkSync(join(folder, "manifest.json"), join(harness.pending, `${name}.manifest.json`))
  renameSync(join(folder, "files"), join(harness.pending, `${name}.files`))
  at = new Date("2026-01-02T03:04:06Z")
  await run()
  expect(readdirSync(harness.pending).filter((each) => each.startsWith(name))).toEqual([])
  expect(hidden()).toEqual([])
})

test("several runs that sweep at once leave whole exports and nothing else", async () => {
  for (let round = 0; round < 3; round++) {
    const tag = (await deadTag()).replace(`${gonePid}`, `${gonePid - round}`)
    staging(tag, "one\n")
  }
  const results = await Promise.all([run(), run(), run(), run()])
  expect(new Set(results.map(({ path }) => path)).size).toBe(4)
  expect(hidden()).toEqual([])
  expect(readdirSync(harness.pending)).toHaveLength(12)
})
