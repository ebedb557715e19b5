import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { IndexSession } from "../../src/pipeline/indexing/index-session.ts"
import { readQueue } from "../../src/pipeline/queue/entries.ts"
import type { ProcessingOptions } from "../../src/pipeline/queue/processing.ts"
import { extractorName } from "../../src/pipeline/queue/queue.ts"
import { processPending } from "../../src/pipeline/queue/run.ts"
import type { LoadedPlugin } from "../../src/plugin-host/protocol/loaded-plugin.ts"
import { lockExport } from "../../src/rescue/io/lock.ts"
import type { PostProcessPlugin } from "../../src/sdk/contracts.ts"
import { builtInArchiver, readStored } from "../fixtures/built-in.ts"
import { until } from "../fixtures/until.ts"
import { ArchiveHarness } from "./archive-harness.ts"

let harness: ArchiveHarness
beforeEach(async () => {
  harness = new ArchiveHarness()
  harness.write("a/tool.txt", "result\n")
  await harness.save(harness.plan("a/tool.txt"))
  harness.write(`${harness.id}.jsonl`, "one\ntwo\nthree\nfour\n")
  await harness.save(harness.plan("a/tool.txt"))
})
afterEach(() => harness.dispose())

type Loaded = LoadedPlugin<PostProcessPlugin>
const kept = () => join(harness.root, "calls")

/** What plugins wrote down when they were called. */
function calls(): string[] {
  return existsSync(kept()) ? readFileSync(kept(), "utf8").trimEnd().split("\n") : []
}

/** A user's plugin that writes down each call, then does what it is told; it runs in a process of its own. */
function plugin(name: string, body: string, on: "export" | "cx" = "cx"): Loaded {
  const path = join(harness.root, `plugins/${name.replaceAll(/[./]/g, "-")}.ts`)
  const code = `
    import * as fs from "node:fs"
    import { definePlugin } from "session-rescue"
    export default definePlugin({ name: ${JSON.stringify(name)}, stage: "post-process", on: "${on}", async run(exported) {
      fs.appendFileSync(${JSON.stringify(kept())}, ${JSON.stringify(name)} + " " + exported.name.slice(0, 20) + "\\n")
      ${body}
    } })`
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  writeFileSync(path, code, { mode: 0o644 })
  const run = () => Promise.reject(new Error("not in this process"))
  return {
    plugin: { name, stage: "post-process", on, run },
    source: "user",
    path,
    timeoutMs: null,
    options: {},
  }
}

const bad = (name = "bad") => plugin(name, 'throw new Error("no network")')
const good = (name = "good", on: "export" | "cx" = "cx") => plugin(name, "return null", on)

function run(plugins: readonly LoadedPlugin<PostProcessPlugin>[], more: Partial<ProcessingOptions> = {}) {
  return processPending({
    paths: harness.paths,
    version: "0",
    names: null,
    on: "cx",
    archiver: null,
    plugins,
    indexSession: new IndexSession(harness.paths.data, (message) => void harness.warnings.push(message)),
    readStored,
    reporter: { begin() {}, advance() {}, end() {} },
    signal: new AbortController().signal,
    warn: (message) => void harness.warnings.push(message),
    ...more,
  })
}

const jsonls = () => harness.names().filter((name) => name.endsWith(".jsonl"))

test("each plugin is run once on each export, and what it answered is kept", async () => {
  const counting = plugin("counting", "return { bytes: exported.files[0]?.length }")
  const first = await run([counting])
  expect(first.exports.map(({ outcomes }) => outcomes.map(({ status, result }) => [status, result]))).toEqual(
    [[["done", { bytes: 14 }]], [["done", { bytes: 19 }]]],
  )
  expect((await run([counting])).exports).toEqual([])
  expect(calls()).toHaveLength(2)
  rmSync(`${harness.pending}/${jsonls()[0]?.slice(0, -6)}.queue`, { recursive: true })
  await run([counting])
  expect(calls()).toHaveLength(3)
})

test("one that fails holds up neither the next plugin nor the next export; it is tried three times", async () => {
  const plugins = [bad(), good()]
  for (const attempt of [1, 2, 3]) {
    const { exports } = await run(plugins)
    expect(exports.map(({ outcomes }) => outcomes[0])).toEqual(
      Array(2).fill(
        expect.objectContaining({ plugin: "bad", status: "failed", attempts: attempt, why: "no network" }),
      ),
    )
  }
  expect((await run(plugins)).exports).toEqual([])
  expect(calls().filter((call) => call.startsWith("good"))).toHaveLength(2)
  const [entry] = await readQueue(harness.paths, plugins, new AbortController().signal)
  expect(entry?.outstanding).toEqual([])
  const named = await run(plugins, { names: [harness.id.slice(0, 8)] })
  expect(named.exports[0]?.outcomes[0]?.attempts).toBe(4)
})

test("what follows an export is run when a command's acts are done; the rest waits for cx, which resumes both", async () => {
  const plugins = [good("late"), good("early", "export")]
  await run(plugins, { on: "export" })
  expect(calls().map((call) => call.split(" ")[0])).toEqual(["early", "early"])
  rmSync(`${harness.pending}/${jsonls()[1]?.slice(0, -6)}.queue`, { recursive: true })
  await run(plugins)
  expect(
    calls()
      .slice(2)
      .map((call) => call.split(" ")[0]),
  ).toEqual(["late", "early", "late"])
})

test("only a built-in plugin holds back archiving; a user's is tried three times first", async () => {
  const archiver = await builtInArchiver("archive-zstd")
  const broken = () => Promise.reject(new Error("no index"))
  const ours = { name: extractorName, stage: "post-process", on: "cx", run: broken } as const
  const loaded = { plugin: ours, source: "built-in", path: null, timeoutMs: null, options: {} } as const
  const held = await run([loaded], { archiver })
  expect(held.exports.map(({ failure }) => failure?.message)).toEqual(
    Array(2).fill(expect.stringMatching(/not archived, because context-extractor is not done: no index/)),
  )
  expect(jsonls()).toHaveLength(2)
  const report = await run([bad()], { archiver })
  expect(calls()).toHaveLength(6)
  expect(report.exports.map(({ archived }) => archived !== null)).toEqual([true, true])
  expect(harness.names()).toEqual([])
})

test("a plugin that deletes the export it was given: it is put back, and archived like the others", async () => {
  const archiver = await builtInArchiver("archive-zstd")
  const [name = ""] = jsonls()
  const eater = plugin(
    "eater",
    `if (exported.path.endsWith(${JSON.stringify(name)}))
       for (const path of [...exported.files.map((file) => file.path), exported.manifestPath]) fs.unlinkSync(path)`,
  )
  const { exports } = await run([eater, good()], { archiver })
  expect(exports[0]?.outcomes).toMatchObject([
    { plugin: "eater", status: "failed", damaged: null },
    { status: "done" },
  ])
  expect(exports[0]?.outcomes[0]?.why).toContain("was removed")
  expect(harness.warnings.join()).toContain("eater deleted")
  expect(exports.map(({ failure, archived }) => [failure, archived !== null])).toEqual([
    [null, true],
    [null, true],
  ])
  for (const { name } of exports)
    expect(existsSync(`${harness.archive}/${name}.files/a/tool.txt.zst`)).toBe(true)
})

test("one that puts something else in its place: what was there is back, and what it put there is kept", async () => {
  const changer = plugin(
    "changer",
    'fs.writeFileSync(exported.path + ".new", "mine"); fs.renameSync(exported.path + ".new", exported.path)',
  )
  await run([changer])
  for (const name of jsonls())
    expect(readFileSync(`${harness.pending}/${name}`, "utf8")).toStartWith("one\ntwo\n")
  expect(harness.names().filter((name) => name.includes(".jsonl.displaced-"))).toHaveLength(2)
})

test("one that writes into the export: it is called damaged and not archived, and the other is", async () => {
  const archiver = await builtInArchiver("archive-zstd")
  const [name = ""] = jsonls()
  const scribbler = plugin(
    "scribbler",
    `if (exported.path.endsWith(${JSON.stringify(name)})) fs.appendFileSync(exported.path, "more")`,
  )
  const { exports } = await run([scribbler], { archiver })
  expect(exports.map(({ failure, archived }) => [failure?.code, archived !== null])).toEqual([
    ["DAMAGED", false],
    [undefined, true],
  ])
  expect(jsonls()).toEqual([name])
})

test("an export that another run works on is left alone; a dead run's lock is not respected", async () => {
  const [first = ""] = jsonls().map((name) => name.slice(0, -6))
  const lock = await lockExport(harness.pending, first)
  const plain = good()
  expect((await run([plain])).exports.map(({ busy, outcomes }) => [busy, outcomes.length])).toEqual([
    [true, 0],
    [false, 1],
  ])
  lock?.release()
  const [own = ""] = await lockOf(first)
  const dead = own.replace(/-\d+-\d+\./, "-4194304-1.")
  mkdirSync(`${harness.pending}/.locks`)
  writeFileSync(`${harness.pending}/.locks/${dead}`, "")
  await run([plain], { names: [first] })
  expect(harness.names().filter((name) => name.includes("lock"))).toEqual([])
  expect(calls()).toHaveLength(2)
})

/** The lock file's name while it is held. */
async function lockOf(name: string): Promise<string[]> {
  const lock = await lockExport(harness.pending, name)
  const held = readdirSync(`${harness.pending}/.locks`)
  lock?.release()
  return held
}

test("locks stand apart from the exports, so that to look for them costs the same however many there are", async () => {
  const before = harness.names()
  const locks = await Promise.all(["x", "y"].map((name) => lockExport(harness.pending, name)))
  expect(harness.names()).toEqual([".locks", ...before])
  for (const lock of locks) lock?.release()
  expect(harness.names()).toEqual(before)
})

test("of many that want one lock at once, never more than one has it", async () => {
  let holders = 0
  let most = 0
  const want = async () => {
    const lock = await lockExport(harness.pending, "x")
    if (lock === null) return false
    most = Math.max(most, ++holders)
    await new Promise((resolve) => setImmediate(resolve))
    holders--
    lock.release()
    return true
  }
  const got = (await Promise.all(Array.from({ length: 20 }, want))).filter(Boolean)
  expect(most).toBe(1)
  expect(got.length).toBeGreaterThan(0)
})

test("what a plugin had deleted when its run was killed is put back by the next run", async () => {
  const [name = ""] = jsonls()
  const base = name.slice(0, -6)
  const hidden = `${harness.pending}/.${base}.${(await lockOf("x"))[0]?.split(".")[2]?.replace(/-\d+-\d+$/, "-4194304-1")}.00000000.guard`
  mkdirSync(hidden)
  renameSync(`${harness.pending}/${name}`, `${hidden}/${name}`)
  await run([good()])
  expect(jsonls()).toContain(name)
  expect(calls()).toHaveLength(2)
  expect(harness.warnings.join()).toContain(": restored")
  expect(readdirSync(harness.pending).filter((each) => each.endsWith(".guard"))).toEqual([])
})

test("a plugin's name leads nowhere, and an answer without end is not kept", async () => {
  await run([plugin("../../evil", 'return "x".repeat(700_000)')])
  const [name = ""] = jsonls()
  const folder = `${harness.pending}/${name.slice(0, -6)}.queue`
  const [state = ""] = readdirSync(folder)
  expect(readdirSync(folder)).toHaveLength(1)
  expect(JSON.parse(readFileSync(`${folder}/${state}`, "utf8"))).toMatchObject({
    plugin: "../../evil",
    result: null,
  })
  expect((await run([good("../../evil")])).exports).toEqual([])
})

test("interrupted, it says so, and the try does not count", async () => {
  const controller = new AbortController()
  const stopper = plugin("stopper", "return new Promise(() => {})")
  const called = until("the plugin to be at work", () => calls().length === 1).then(() => controller.abort())
  expect(await run([stopper], { signal: controller.signal })).toEqual({ exports: [], interrupted: true })
  await called
  expect(harness.names().filter((name) => /queue|lock|guard/.test(name))).toEqual([])
})
