/** What a plugin does to an export while it is at work is undone, and holds up nothing else. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { ownTag } from "../../src/rescue/io/owner-tag.ts"
import { filesBelow, manifestOf, pendingOf } from "../export/export-invariants.ts"
import { PluginMachine, postProcessor } from "../fixtures/plugins.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

let machine: PluginMachine
const id = sessionId(1)
let tool = ""
beforeEach(() => {
  machine = new PluginMachine()
  const path = machine.transcript(id)
  tool = machine.write(join(dirname(path), id, "tool-results/b.txt"), "result\n")
})
afterEach(() => machine.dispose())

const pending = () => pendingOf(machine)
const guards = () => readdirSync(pending()).filter((name) => name.endsWith(".guard"))
const onExport = (body: string) =>
  machine.add(
    "post-process",
    "bad",
    postProcessor("bad", `if (exported.name.includes("${id}")) { ${body} }`, 'import * as fs from "node:fs"'),
  )

test.each([
  ["a link", "symlinkSync(process.env.HOME + '/theirs', files)"],
  ["a file", "writeFileSync(files, 'x')"],
])("%s in the place of its folder is moved aside, and its files are put back", async (_, act) => {
  const theirs = machine.write(join(machine.home, "theirs", "projects/x.txt"), "theirs")
  const files = 'const files = exported.path.replace(/jsonl$/, "files")'
  onExport(`${files}; fs.rmSync(files, { recursive: true }); fs.${act}`)
  const { code, json } = await machine.run(["export", id, "--json"])
  expect([code, json.warnings.join()]).toEqual([0, expect.stringContaining(": restored")])
  const name = basename(json.exports[0].path, ".jsonl")
  for (const { path } of manifestOf(join(pending(), name)).files)
    expect(existsSync(join(pending(), path))).toBe(true)
  expect((await machine.run(["verify", id, "--json"])).code).toBe(0)
  expect(guards()).toEqual([])
  expect(readFileSync(theirs, "utf8")).toBe("theirs")
})

test("a link to a copy elsewhere: that copy keeps its names", async () => {
  const copy = join(machine.home, "offloaded")
  onExport(
    `const files = exported.path.replace(/jsonl$/, "files"); fs.cpSync(files, "${copy}", { recursive: true })
     fs.rmSync(files, { recursive: true }); fs.symlinkSync("${copy}", files)`,
  )
  const { json } = await machine.run(["export", id, "--json"])
  expect(filesBelow(copy).map((path) => basename(path))).toEqual([basename(tool)])
  expect(json.warnings.join()).toContain(": restored")
  const aside = readdirSync(pending()).find((name) => name.includes(".files.displaced-"))
  expect(readlinkSync(join(pending(), aside ?? ""))).toBe(copy)
})

/** As a run that died in the middle of a plugin leaves it. */
async function leaveGuard(base: string): Promise<string> {
  const [host] = (await ownTag()).split("-")
  const hidden = join(dirname(base), `.${basename(base)}.${host}-4194304-1.00000000.guard`)
  mkdirSync(hidden, { mode: 0o700 })
  for (const { path } of manifestOf(base).files) {
    mkdirSync(dirname(join(hidden, path)), { recursive: true, mode: 0o700 })
    linkSync(join(dirname(base), path), join(hidden, path))
  }
  linkSync(`${base}.manifest.json`, join(hidden, `${basename(base)}.manifest.json`))
  return hidden
}

const exported = async (name = id) =>
  (await machine.run(["export", name, "--json"])).json.exports[0].path.replace(/\.jsonl$/, "")

test("what cannot be put back is kept and named, and the other exports are processed", async () => {
  const hidden = await leaveGuard(await exported())
  machine.transcript(sessionId(2))
  machine.write(join(hidden, "x".repeat(250)), "") // too long a name to be moved aside
  machine.write(join(pending(), "x".repeat(250)), "theirs")
  await exported(sessionId(2))
  const { code, json } = await machine.run(["cx", "--json"])
  expect([code, json.exports.map((each: { archived: unknown }) => each.archived !== null)]).toEqual([
    0,
    [true, true],
  ])
  expect(json.warnings.join()).toContain(hidden)
})

test("a pruned export is not put back by what an earlier run had kept of it", async () => {
  const first = await exported()
  const hidden = await leaveGuard(first)
  const path = machine.transcriptPath(id, "/work/one")
  writeFileSync(path, `${readFileSync(`${first}.jsonl`, "utf8")}{"type":"user"}\n`)
  const second = await exported()
  const pruned = await machine.run(["prune", "--json"])
  expect(pruned.json.removed).toHaveLength(1)
  expect(existsSync(hidden)).toBe(false)
  const { json } = await machine.run(["cx", "--json"])
  expect([json.warnings, existsSync(`${first}.jsonl`), existsSync(`${second}.jsonl`)]).toEqual([
    [],
    false,
    false,
  ])
})
