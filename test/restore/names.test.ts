import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { contents, footprintOf, id, Rescued } from "./rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

/** A name as bytes: no string could say it. */
const odd = (folder: string, bytes: string) =>
  Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(bytes, "latin1")])

test("names that are not UTF-8, hold control characters or are 255 bytes long come back as they were", async () => {
  const folder = join(machine.own, "tool-results")
  const names = [
    "caf\xe9.txt",
    "\xff\xfe",
    "a\nb",
    "\u0001",
    "%41",
    "-rf",
    " ",
    "x".repeat(255),
    "\xc3\xa9.txt",
  ]
  for (const [index, name] of names.entries()) writeFileSync(odd(folder, name), `bytes ${index}`)
  mkdirSync(odd(folder, "deep\xff"))
  writeFileSync(odd(folder, "deep\xff/caf\xe9"), "deep")
  await machine.export()
  machine.loseHome()
  const { code } = await machine.restore(id)
  expect(code).toBe(0)
  for (const [index, name] of names.entries()) {
    expect([name, readFileSync(odd(folder, name), "utf8")]).toEqual([name, `bytes ${index}`])
  }
  expect(readFileSync(odd(folder, "deep\xff/caf\xe9"), "utf8")).toBe("deep")
  expect(readdirSync(folder, "buffer").length).toBe(names.length + 2) // b.txt and the folder
  expect(
    (await machine.restore(id, "--json")).json.restore.files.every(
      (each: { outcome: string }) => each.outcome === "equal",
    ),
  ).toBe(true)
})

test("a project folder whose name is not UTF-8 is put back under that name", async () => {
  const folder = odd(join(machine.claude, "projects"), "-caf\xe9")
  mkdirSync(folder)
  const transcript = odd(folder.toString("latin1"), `${id}.jsonl`)
  const path = Buffer.concat([folder, Buffer.from(`/${id}.jsonl`)])
  expect(transcript.length).toBeGreaterThan(0)
  const bytes = readFileSync(machine.transcriptFile)
  await Bun.file(machine.transcriptFile).delete()
  await Bun.$`rm -r ${machine.own}`.quiet()
  writeFileSync(path, bytes)
  const { json } = await machine.run(["export", id, "--json"])
  machine.loseHome()
  expect((await machine.restore(json.exports[0].path)).code).toBe(0)
  expect(readFileSync(path).equals(bytes)).toBe(true)
  expect(lstatSync(folder).mode & 0o777).toBe(0o700)
})

test("links come back as they were; one that leads out of the home does not, and is told", async () => {
  const folder = join(machine.own, "tool-results")
  symlinkSync("b.txt", join(folder, "inside"))
  symlinkSync("../../../todos/none", join(folder, "dangling"))
  symlinkSync(join(machine.claude, "tasks"), join(folder, "absolute"))
  symlinkSync(odd("..", "caf\xe9"), odd(folder, "odd\xff"))
  symlinkSync("/etc/passwd", join(folder, "out"))
  symlinkSync("../../../../../x", join(folder, "up"))
  symlinkSync(`${machine.claude}/../x`, join(folder, "around"))
  await machine.export()
  const before = footprintOf(machine)
  machine.loseHome()
  const { code, stdout } = await machine.restore(id)
  expect(code).toBe(0)
  for (const name of ["inside", "dangling", "absolute"]) {
    expect(readlinkSync(join(folder, name))).toBe(
      before.get(`${folder.slice(machine.claude.length + 1)}/${name}`)?.slice(2) ?? "",
    )
  }
  for (const name of ["out", "up", "around"]) {
    expect([name, contents(folder).has(name)]).toEqual([name, false])
    expect(stdout).toContain(`tool-results/${name} →`)
  }
})

test("where something stands in a link's place, it stays; an equal link too", async () => {
  const link = join(machine.own, "tool-results/link")
  symlinkSync("b.txt", link)
  await machine.export()
  const [first] = (await machine.restore(id, "--json")).json.restore.links
  expect(first.outcome).toBe("exists")
  for (const plant of [
    () => writeFileSync(link, "mine"),
    () => symlinkSync("elsewhere", link),
    () => mkdirSync(link),
  ]) {
    await Bun.$`rm -rf ${link}`.quiet()
    plant()
    const { code, json } = await machine.restore(id, "--json")
    expect([code, json.restore.links[0].outcome]).toEqual([0, "skipped"])
    expect(lstatSync(link).isSymbolicLink() && readlinkSync(link) === "b.txt").toBe(false)
  }
})
