import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { issueReceipt } from "../../src/rescue/receipt.ts"
import { readStored } from "../fixtures/built-in.ts"
import { pid } from "../fixtures/session.ts"
import { seeded } from "../fixtures/talk/random.ts"
import { ArchiveHarness } from "./archive-harness.ts"

let harness: ArchiveHarness
beforeEach(() => {
  harness = new ArchiveHarness()
})
afterEach(() => harness.dispose())

/** Bytes that do not pack away to nothing, and are not the same in every frame. */
function noise(length: number, seed = 7): Buffer {
  const random = seeded(seed)
  return Buffer.from(Array.from({ length }, () => 32 + Math.floor(random.next() * 90)))
}

test.each(["archive-zstd", "archive-move"])(
  "%s: what was exported lies in the archive, and only there",
  async (archiver) => {
    const transcript = noise(3_500_000)
    harness.write(`${harness.id}.jsonl`, transcript)
    harness.write("a/b/tool.txt", "result\n")
    harness.write("a/empty", "")
    const archived = await harness.shelve(archiver, "a/b/tool.txt", "a/empty")
    expect(harness.names()).toEqual([])
    const contents: Record<string, string | Buffer> = { "a/b/tool.txt": "result\n", "a/empty": "" }
    expect(archived.manifest.files.map(({ role }) => role)).toEqual(["transcript", "footprint", "footprint"])
    for (const file of archived.manifest.files) {
      const wanted = Buffer.from(contents[file.relative] ?? transcript)
      expect((await harness.decoded(archived, file)).equals(wanted)).toBe(true)
    }
    const [file] = archived.manifest.files
    if (file === undefined) throw new Error("no transcript")
    for (const from of [1, 1 << 20, (1 << 20) - 1, 2_999_999, transcript.length - 1, transcript.length]) {
      expect((await harness.decoded(archived, file, from)).equals(transcript.subarray(from))).toBe(true)
    }
    expect(readdirSync(harness.archive).filter((name) => name.startsWith("."))).toEqual([])
    for (const name of harness.archived()) {
      const stat = statSync(`${harness.archive}/${name}`)
      expect([name, (stat.mode & 0o777).toString(8)]).toEqual([name, stat.isFile() ? "600" : "700"])
    }
  },
)

test("the zstd program reads what archive-zstd made, and finds each frame's checksum", async () => {
  const transcript = noise(2_500_000)
  harness.write(`${harness.id}.jsonl`, transcript)
  harness.write("empty", "")
  const archived = await harness.shelve("archive-zstd", "empty")
  const plain = Bun.spawnSync(["zstd", "-q", "-d", "-c", archived.path])
  expect(plain.stderr.toString()).toBe("")
  expect(plain.stdout.equals(transcript)).toBe(true)
  const list = Bun.spawnSync(["zstd", "-l", "-v", archived.path]).stdout.toString()
  expect(list).toMatch(/Check: XXH64/)
  expect(list).toMatch(/(# Zstandard Frames|Number of Frames): 3|Zstandard Frames: 3/)
  const empty = `${harness.archive}/${archived.name}.files/empty.zst`
  expect(Bun.spawnSync(["zstd", "-q", "-d", "-c", empty]).exitCode).toBe(0)
})

test.each(["archive-zstd", "archive-move"])(
  "%s: a session whose bytes are in the archive is not copied again: it is decoded and compared",
  async (archiver) => {
    const archived = await harness.shelve(archiver)
    const again = await harness.save(harness.plan(), { readStored, md5: true })
    expect(again).toMatchObject({ status: "unchanged", path: archived.path })
    expect(again.md5).toBe(new Bun.CryptoHasher("md5").update(readFileSync(harness.transcript)).digest("hex"))
    expect(harness.names()).toEqual([])
    const receipt = issueReceipt({ pid: pid(4711), startMark: "1" }, [again], [harness.transcript])
    expect(receipt).not.toBeNull()
    harness.write(`${harness.id}.jsonl`, "one\ntwo\nthree!")
    expect((await harness.save(harness.plan(), { readStored })).status).toBe("verified")
  },
)

test.each([
  ["a byte of a frame", 20],
  ["a byte of the seek table", -14],
])("an archive with %s changed proves nothing: the session is saved anew", async (_, at) => {
  const archived = await harness.shelve()
  const bytes = readFileSync(archived.path)
  bytes[at < 0 ? bytes.length + at : at] = 77
  writeFileSync(archived.path, bytes)
  const again = await harness.save(harness.plan(), { readStored })
  expect(again.status).toBe("verified")
  expect(harness.warnings.join()).toContain(archived.path)
  expect(readFileSync(archived.path).equals(bytes)).toBe(true)
})

test("an archive that is cut short, gone, or a link proves nothing", async () => {
  const archived = await harness.shelve()
  const bytes = readFileSync(archived.path)
  for (const spoil of [
    () => truncateSync(archived.path, bytes.length - 1),
    () => truncateSync(archived.path, 0),
    () => rmSync(archived.path),
    () => symlinkSync(harness.write("elsewhere", bytes), archived.path),
  ]) {
    spoil()
    const again = await harness.save(harness.plan(), { readStored })
    expect(again.status).toBe("verified")
    for (const name of harness.names()) rmSync(`${harness.pending}/${name}`, { recursive: true })
  }
  rmSync(archived.path)
  writeFileSync(archived.path, bytes)
  expect((await harness.save(harness.plan(), { readStored })).status).toBe("unchanged")
})

test("an archive whose archiver is not there is not relied on, and it is said", async () => {
  const archived = await harness.shelve()
  const record = `${harness.archive}/${archived.name}.archive.json`
  writeFileSync(record, readFileSync(record, "utf8").replace('"archive-zstd"', '"archive-tape"'))
  expect((await harness.save(harness.plan(), { readStored })).status).toBe("verified")
  expect(harness.warnings.join()).toContain("archive-tape")
})

test("files moved to the archive folder by hand count as archived, and are compared as they are", async () => {
  await harness.save()
  mkdirSync(harness.archive)
  for (const name of harness.names()) renameSync(`${harness.pending}/${name}`, `${harness.archive}/${name}`)
  const { path, archive } = harness.saved("archived")
  expect(archive).toBeNull()
  expect(await harness.save(harness.plan(), { readStored })).toMatchObject({ status: "unchanged", path })
})
