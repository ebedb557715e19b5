import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { notPrivate } from "../export/export-invariants.ts"
import { tree } from "../fixtures/machine.ts"
import { contents, footprintOf, id, Rescued } from "./rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

describe.each(["raw", "archive-zstd", "archive-move"])("a session whose home is gone, %s", (kind) => {
  test("is put back byte for byte, private, and the last line resumes it", async () => {
    const before = footprintOf(machine)
    const base = await machine.export()
    if (kind !== "raw") await machine.archiveIt(base, kind)
    machine.loseHome()
    const from = Date.now()
    const { code, stdout, stderr } = await machine.restore(id.slice(0, 8))
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(`cd '${machine.cwd}' && claude --resume ${id}`)
    expect(footprintOf(machine)).toEqual(before)
    expect(notPrivate(machine.claude)).toEqual([])
    expect(statSync(machine.transcriptFile).mtimeMs).toBeGreaterThan(from - 5_000)
    const { json } = await machine.run(["status", "--all", "--json"])
    expect(json.sessions).toMatchObject([{ id, state: "ORPHANED", flags: [], footprintFiles: 6 }])
  })
})

test("a dry run writes nothing and says what would be", async () => {
  await machine.export()
  machine.loseHome()
  mkdirSync(machine.claude)
  const before = tree(machine.root)
  const { code, json } = await machine.restore(id, "--dry-run", "--json")
  expect([code, json.restore.dryRun, json.restore.resume]).toEqual([0, true, null])
  expect(json.restore.files.map((file: { outcome: string }) => file.outcome)).toEqual(
    Array(6).fill("restored"),
  )
  expect(tree(machine.root)).toEqual(before)
})

test("what is there already and equal is left alone, even its date; what is missing comes back", async () => {
  const before = footprintOf(machine)
  await machine.export()
  const old = new Date(Date.now() - 3 * 86_400_000)
  utimesSync(machine.transcriptFile, old, old)
  const inode = lstatSync(machine.transcriptFile).ino
  await Bun.file(join(machine.own, "tool-results/b.txt")).delete()
  const { code, json } = await machine.restore(id, "--json")
  expect(code).toBe(0)
  const outcomes = Object.fromEntries(
    json.restore.files.map((file: { relative: string; outcome: string }) => [
      file.relative.split("/").at(-1),
      file.outcome,
    ]),
  )
  expect(outcomes).toMatchObject({ [`${id}.jsonl`]: "equal", "b.txt": "restored", "1.json": "equal" })
  expect(footprintOf(machine)).toEqual(before)
  const now = lstatSync(machine.transcriptFile)
  expect([now.ino, Math.round(now.mtimeMs / 1000)]).toEqual([inode, Math.round(old.getTime() / 1000)])
})

test("an equal file that the client is about to delete is left, and said so", async () => {
  await machine.export()
  const old = new Date(Date.now() - 40 * 86_400_000)
  utimesSync(machine.transcriptFile, old, old)
  const { code, stdout } = await machine.restore(id)
  expect(code).toBe(0)
  expect(stdout).toContain("DELETES it at its next start")
})

test("a transcript that went on since is not set back", async () => {
  await machine.export()
  machine.grow()
  const after = readFileSync(machine.transcriptFile)
  const { code, json } = await machine.restore(id, "--json")
  expect([code, json.restore.files[0].outcome]).toEqual([0, "existing-is-longer"])
  expect(readFileSync(machine.transcriptFile).equals(after)).toBe(true)
})

test("a different file stays, and nothing else is written, until --force saves it first", async () => {
  await machine.export()
  const good = readFileSync(machine.transcriptFile)
  machine.write(machine.transcriptFile, "a stub\n")
  await Bun.file(join(machine.own, "tool-results/b.txt")).delete()
  const before = tree(machine.root)
  const refused = await machine.restore(id, "--json")
  expect([refused.code, refused.json.error.code]).toEqual([4, "REFUSED"])
  expect(tree(machine.root)).toEqual(before)

  const { code, json } = await machine.restore(id, "--force", "--json")
  expect([code, json.restore.files[0].outcome]).toEqual([0, "replaced"])
  expect(readFileSync(machine.transcriptFile).equals(good)).toBe(true)
  const [saved] = json.restore.before
  expect([saved.status, readFileSync(saved.path, "utf8")]).toEqual(["verified", "a stub\n"])
  expect([...contents(machine.claude).keys()].filter((name) => name.includes(".restoring"))).toEqual([])
})

test("with --force a transcript that went on is saved, then set back", async () => {
  await machine.export()
  const good = readFileSync(machine.transcriptFile)
  machine.grow()
  const grown = readFileSync(machine.transcriptFile)
  const { code, json } = await machine.restore(`${machine.exports()[0]}.jsonl`, "--force", "--json")
  expect([code, json.restore.files[0].outcome]).toEqual([0, "replaced"])
  expect(readFileSync(machine.transcriptFile).equals(good)).toBe(true)
  expect(readFileSync(json.restore.before[0].path).equals(grown)).toBe(true)
})

test("when its home is gone for good, the client's own takes its place, and that is said", async () => {
  const other = join(machine.root, "other-home")
  const transcript = join(other, "projects/-work", `${id}.jsonl`)
  machine.write(transcript, readFileSync(machine.transcriptFile))
  const { json } = await machine.run(["export", transcript, "--json"], { env: { CLAUDE_CONFIG_DIR: other } })
  await Bun.$`rm -r ${other}`.quiet()
  machine.loseHome()
  const { code, stdout } = await machine.restore(json.exports[0].path)
  expect(code).toBe(0)
  expect(stdout).toContain(`its original home, ${other}, no longer exists`)
  expect([...footprintOf(machine).keys()]).toEqual([`projects/-work/${id}.jsonl`])
})

test("a home that is still there gets its session back, though another one is the client's own now", async () => {
  const other = join(machine.root, "other-home")
  const transcript = join(other, "projects/-work", `${id}.jsonl`)
  machine.write(transcript, readFileSync(machine.transcriptFile))
  const { json } = await machine.run(["export", transcript, "--json"], { env: { CLAUDE_CONFIG_DIR: other } })
  await Bun.file(transcript).delete()
  const answer = await machine.restore(json.exports[0].path, "--json")
  expect([answer.code, answer.json.restore.root, answer.json.restore.homeGone]).toEqual([0, other, null])
  expect([...contents(other).keys()]).toEqual([`projects/-work/${id}.jsonl`])
})

test("parts without a transcript come back, with a word that they cannot be resumed", async () => {
  await Bun.file(machine.transcriptFile).delete()
  const before = footprintOf(machine)
  await machine.export()
  machine.loseHome()
  const { code, stdout } = await machine.restore(id)
  expect(code).toBe(0)
  expect(stdout).toContain("the export has no transcript: it cannot be resumed")
  expect(stdout).toContain("only other files of it are left")
  expect(footprintOf(machine)).toEqual(before)
})

test("projects on another disk: the link is followed once, as the client does", async () => {
  const before = footprintOf(machine)
  await machine.export()
  machine.loseHome()
  const elsewhere = join(machine.root, "other-disk")
  mkdirSync(elsewhere)
  mkdirSync(machine.claude)
  symlinkSync(elsewhere, join(machine.claude, "projects"))
  expect((await machine.restore(id)).code).toBe(0)
  const found = [...contents(elsewhere)].map(([name, bytes]) => [`projects/${name}`, bytes] as const)
  expect(new Map([...footprintOf(machine), ...found])).toEqual(
    new Map([...before, ["projects", `→ ${elsewhere}`]]),
  )
})
