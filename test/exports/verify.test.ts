import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { basename, join } from "node:path"
import { sha256 } from "../export/export-invariants.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { id, Rescued, snapshot } from "../restore/rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

const verify = async (...args: string[]) => {
  const answer = await machine.run(["verify", ...args, "--json"])
  return { code: answer.code, exports: answer.json.exports, error: answer.json.error }
}
const states = (exports: { state: string; place: string }[]) =>
  exports.map(({ state, place }) => `${place} ${state}`)

test("without a name everything is read again, pending and archived, and nothing is written", async () => {
  await machine.archiveIt(await machine.export())
  machine.grow()
  await machine.export()
  const before = snapshot(machine.root)
  for (const args of [[], ["--all"]]) {
    const { code, exports } = await verify(...args)
    expect([code, states(exports)]).toEqual([0, ["pending whole", "archived whole"]])
  }
  const { stdout } = await machine.run(["verify"])
  expect(stdout).toContain("2 exports read again and verified")
  expect(snapshot(machine.root)).toEqual(before)
})

test("where nothing was exported there is nothing to verify, and that is no failure", async () => {
  expect((await machine.run(["verify"])).code).toBe(0)
})

test("the sums it gives are those of the files, MD5 on request", async () => {
  const base = await machine.export()
  const bytes = readFileSync(`${base}.jsonl`)
  const md5 = new Bun.CryptoHasher("md5").update(bytes).digest("hex")
  const plain = (await verify()).exports[0].sums[0]
  expect(plain).toEqual({ path: `${basename(base)}.jsonl`, sha256: sha256(bytes) })
  await machine.archiveIt(base)
  expect((await verify("--md5")).exports[0].sums[0]).toEqual({ ...plain, md5 })
  expect((await machine.run(["verify", "--md5"])).stdout).toContain(md5)
})

test("one is named by its id or its file, and the others are not read", async () => {
  const base = await machine.export()
  machine.transcript(sessionId(2))
  const other = (await machine.run(["export", sessionId(2), "--json"])).json.exports[0].path
  writeFileSync(other, "spoilt")
  for (const name of [id, id.slice(0, 8), `${base}.jsonl`, `${base}.manifest.json`]) {
    const { code, exports } = await verify(name)
    expect([name, code, states(exports)]).toEqual([name, 0, ["pending whole"]])
  }
  const all = await verify()
  expect([all.code, states(all.exports)]).toEqual([
    1,
    expect.arrayContaining(["pending whole", "pending damaged"]),
  ])
  expect((await verify("ffff")).code).toBe(3)
  expect((await verify("--all", id)).code).toBe(2)
})

test("a file that nobody knows is told, a copy made by hand too: neither is damage", async () => {
  const base = await machine.export()
  machine.write(join(`${base}.files`, "notes.txt"), "mine")
  machine.write(join(machine.pending(), "2026-01-31T23-59-58Z-LOSSLESS-session.jsonl"), "{}\n")
  const { code, exports } = await verify()
  expect([code, states(exports)]).toEqual([0, ["pending whole", "pending foreign"]])
  expect(exports[0].problems).toMatchObject([{ kind: "foreign", path: join(`${base}.files`, "notes.txt") }])
})

test("a .jsonl that another program took to the archive folder is found there by its checksum", async () => {
  const base = await machine.export()
  mkdirSync(machine.archive)
  const taken = join(machine.archive, `${basename(base)}.jsonl`)
  renameSync(`${base}.jsonl`, taken)
  const { code, exports } = await verify(id)
  expect([code, exports.filter(({ state }: { state: string }) => state === "moved").length]).toEqual([0, 1])
  writeFileSync(taken, "something else")
  expect((await verify(id)).code).toBe(1)
})

test("a .jsonl that is gone is missing; so is a manifest whose files are left", async () => {
  const base = await machine.export()
  rmSync(`${base}.jsonl`)
  const { code, exports } = await verify()
  expect([code, states(exports), exports[0].problems[0].kind]).toEqual([1, ["pending damaged"], "missing"])
  rmSync(`${base}.manifest.json`)
  expect((await verify()).code).toBe(1)
})

/** Root may read everything, unless it is told otherwise. */
const mortal = process.getuid?.() === 0 ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] : []

test.each([".jsonl", ".manifest.json"])(
  "one whose %s this user may not read is not called damaged",
  async (ending) => {
    const base = await machine.export()
    chmodSync(`${base}${ending}`, 0)
    const { code, json } = await machine.run(["verify", "--json"], { program: mortal })
    expect([code, states(json.exports)]).toEqual([1, ["pending unreadable"]])
    expect(json.exports[0].problems).toMatchObject([{ kind: "unreadable", path: `${base}${ending}` }])
    expect((await machine.run(["verify"], { program: mortal })).stdout).toContain("1 UNREADABLE")
  },
)

test("bytes in a .jsonl that should only commit parts are damage", async () => {
  await Bun.file(machine.transcriptFile).delete()
  const base = await machine.export()
  expect((await verify()).code).toBe(0)
  writeFileSync(`${base}.jsonl`, "strange")
  expect((await verify()).code).toBe(1)
})

test("what is listed can be told apart: session, size, state, when, and where", async () => {
  const first = await machine.export()
  machine.grow()
  const second = await machine.export()
  const archived = await machine.archiveIt(first)
  writeFileSync(join(machine.pending(), "by-hand.jsonl"), "{}\n")
  machine.transcript(sessionId(2))
  const broken = (await machine.run(["export", sessionId(2), "--json"])).json.exports[0].manifest
  writeFileSync(broken, "{")
  const { code, json } = await machine.run(["list", "--json"])
  expect(code).toBe(0)
  const found = Object.fromEntries(json.exports.map((each: { state: string }) => [each.state, each]))
  expect(Object.keys(found).toSorted()).toEqual(["archived", "broken", "foreign", "pending"])
  const size = readFileSync(`${second}.jsonl`).length
  expect(found.pending).toMatchObject({
    id,
    path: `${second}.jsonl`,
    title: "please mend the login page",
    files: 6,
  })
  expect(found.pending.bytes).toBeGreaterThan(size)
  expect(found.archived).toMatchObject({
    id,
    path: `${archived}.jsonl.zst`,
    manifest: `${archived}.manifest.json`,
  })
  expect(found.archived.storedBytes).toBeLessThan(found.archived.bytes)
  expect(found.archived.verifiedAt > found.archived.exportedAt).toBe(true)
  expect(found.broken).toMatchObject({ id: sessionId(2), path: broken, bytes: null })
  const { stdout } = await machine.run(["list"])
  for (const word of ["pending ", "archived ", "foreign ", "broken ", "please mend", "Next: "])
    expect(stdout).toContain(word)
  expect((await machine.run(["list", id, "--json"])).json.exports.length).toBe(2)
  expect((await machine.run(["list", "ffff"])).code).toBe(3)
})

test("a title cannot paint the terminal", async () => {
  machine.write(
    machine.transcriptFile,
    readFileSync(machine.transcriptFile, "utf8").replace("please", "\\u001b[31m\\u202eplease"),
  )
  await machine.export()
  for (const command of ["list", "verify", "restore"]) {
    const { stdout } = await machine.run(command === "restore" ? [command, id] : [command])
    expect([command, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(stdout)]).toEqual([
      command,
      false,
    ])
  }
})

test("what others put among an export's files is left, is no damage, and hides nothing of the archive", async () => {
  const base = await machine.export()
  machine.write(`${base}.files/.DS_Store`, "theirs")
  const first = await machine.run(["cx", "--json"])
  expect([first.code, first.json.warnings.length]).toEqual([0, 1])
  expect(readFileSync(`${base}.files/.DS_Store`, "utf8")).toBe("theirs")
  const { code, exports } = await verify()
  expect([code, states(exports).toSorted()]).toEqual([0, ["archived whole", "pending foreign"]])
  expect((await machine.run(["cx", "--json"])).json.warnings).toEqual([])
  const dry = await machine.run(["restore", basename(base), "--dry-run", "--json"])
  expect([dry.code, dry.json.error]).toEqual([0, undefined])
  expect((await machine.run(["list"])).stdout).toContain("foreign files")
})

test.each(["archive-zstd", "archive-move"])(
  "%s: an archive whose file is gone is damage, wherever it lies",
  async (archiver) => {
    const base = await machine.archiveIt(await machine.export(), archiver)
    const elsewhere = join(machine.root, "usb")
    cpSync(machine.archive, elsewhere, { recursive: true })
    for (const folder of [machine.archive, elsewhere])
      rmSync(join(folder, basename(base) + (archiver === "archive-zstd" ? ".jsonl.zst" : ".jsonl")))
    for (const name of [[], [join(elsewhere, `${basename(base)}.manifest.json`)]]) {
      const { code, exports } = await verify(...name)
      expect([code, states(exports), exports[0]?.problems[0].kind]).toEqual([
        1,
        ["archived damaged"],
        "missing",
      ])
    }
  },
)

test("an archive folder on a disk that is not there is not taken for an empty one", async () => {
  await machine.archiveIt(await machine.export())
  rmSync(machine.archive, { recursive: true })
  symlinkSync(join(machine.root, "unplugged"), machine.archive)
  for (const command of [["list"], ["verify"], ["restore", id], ["prune"]]) {
    const { code, json } = await machine.run([...command, "--json"])
    expect([command, code === 0, json.error?.message]).toEqual([
      command,
      false,
      expect.stringContaining("leads nowhere"),
    ])
  }
})
