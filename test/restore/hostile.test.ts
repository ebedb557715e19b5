/** Exports that are damaged, or made to do harm. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { basename, join } from "node:path"
import { contents, id, Rescued, snapshot } from "./rescued.ts"

let machine: Rescued
let base: string
beforeEach(async () => {
  machine = new Rescued()
  base = await machine.export()
  machine.loseHome()
  mkdirSync(machine.claude)
  writeFileSync(join(machine.root, "secret"), "secret")
})
afterEach(() => machine.dispose())

// biome-ignore lint/suspicious/noExplicitAny: manifests that are none
type Edit = (manifest: any) => void

/** Nothing is written, by ID and by FILE, into the home and elsewhere. */
async function refused(code: number, name: string, ...args: string[]): Promise<string> {
  const before = snapshot(machine.root)
  const answer = await machine.restore(name, ...args, "--json")
  expect([answer.code, answer.json.error?.code]).toEqual([code, "DAMAGED"])
  expect(snapshot(machine.root)).toEqual(before)
  return answer.json.error.message
}

describe("a manifest that leads", () => {
  const file =
    (edit: Edit): Edit =>
    (manifest) =>
      edit(manifest.files[1])
  const places: [string, Edit][] = [
    ["up", file((one) => (one.relative = "../../evil"))],
    ["up, later", file((one) => (one.relative = `projects/../../evil`))],
    ["to an absolute path", file((one) => (one.relative = "/tmp/evil"))],
    ["to the client's settings", file((one) => (one.relative = "settings.json"))],
    ["to a command of the client's", file((one) => (one.relative = "commands/evil.md"))],
    [
      "to another session's file",
      file((one) => (one.relative = one.relative.replaceAll("a0000001", "a0000002"))),
    ],
    ["to nothing", file((one) => (one.relative = ""))],
    ["through a NUL", file((one) => (one.relative = `projects/a/${id}/x\0y`))],
    ["two files to one place", (manifest) => (manifest.files[1].relative = manifest.files[2].relative)],
    ["a file into a file", (manifest) => (manifest.files[1].relative = `${manifest.files[2].relative}/x`)],
    [
      "by bytes to another place",
      file((one) => (one.sourceBase64 = Buffer.from("/etc/evil").toString("base64"))),
    ],
    ["a link up", (manifest) => manifest.links.push({ source: "x", relative: "../evil", target: "y" })],
    ["to another session", (manifest) => (manifest.session.id = id.replace("a", "b"))],
  ]
  test.each(places)("%s: nothing is written", async (_, edit) => {
    machine.editManifest(base, edit)
    await refused(1, id)
    await refused(1, `${base}.jsonl`, "--force")
  })

  const sources: [string, Edit][] = [
    ["up", file((one) => (one.path = `../../secret`))],
    ["to an absolute path", (manifest) => (manifest.files[1].path = join(machine.root, "secret"))],
    ["to another export", file((one) => (one.path = one.path.replace("a0000001", "a0000002")))],
    [
      "to its own transcript's place by a file",
      (manifest) => (manifest.files[1].path = manifest.files[0].path),
    ],
    ["up from its folder", file((one) => (one.path = `${basename(base)}.files/../../../secret`))],
  ]
  test.each(sources)("%s for what it is to read: not opened, and verify says so", async (_, edit) => {
    machine.editManifest(base, edit)
    await refused(1, id)
    const { code, json } = await machine.run(["verify", id, "--json"])
    expect([code, json.exports[0].state, json.exports[0].problems[0].kind]).toEqual([1, "damaged", "outside"])
  })
})

describe("files of an export that are links", () => {
  const agent = () =>
    join(
      `${base}.files`,
      [...contents(`${base}.files`).keys()].find((name) => name.includes("agent-1")) ?? "",
    )
  const ways: [string, () => void][] = [
    ["the transcript", () => swap(`${base}.jsonl`)],
    ["a file of the rest", () => swap(agent())],
    ["a folder on the way", () => swap(join(`${base}.files`, "projects"))],
    ["the folder of the rest", () => swap(`${base}.files`)],
  ]
  function swap(path: string): void {
    renameSync(path, join(machine.root, "elsewhere")) // the very bytes are there, behind a link
    symlinkSync(join(machine.root, "elsewhere"), path)
  }
  test.each(ways)("%s: not followed, and verify says so", async (_, plant) => {
    plant()
    await refused(1, id)
    const { code, json } = await machine.run(["verify", "--json"])
    expect([code, json.exports[0].problems[0].kind]).toEqual([1, "outside"])
  })
})

describe("a damaged export", () => {
  const manifest = () => `${base}.manifest.json`
  const flip = (path: string) => {
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(path, bytes)
  }
  const ways: [string, () => void][] = [
    ["a manifest cut short", () => truncateSync(manifest(), 100)],
    ["an empty manifest", () => truncateSync(manifest(), 0)],
    [
      "a manifest of a later format",
      () => machine.editManifest(base, (each) => Object.assign(each, { formatVersion: 3 })),
    ],
    ["a flipped bit", () => flip(`${base}.jsonl`)],
    ["a transcript cut short", () => truncateSync(`${base}.jsonl`, 50)],
    [
      "a transcript with more in it",
      () =>
        writeFileSync(`${base}.jsonl`, Buffer.concat([readFileSync(`${base}.jsonl`), Buffer.from("more")])),
    ],
    ["a file that is gone", () => rmSync(join(`${base}.files/tasks`), { recursive: true })],
    [
      "a wrong checksum",
      () =>
        machine.editManifest(base, (each) => {
          if (each.files[0]) each.files[0].sha256 = "0".repeat(64)
        }),
    ],
  ]
  test.each(ways)("%s: nothing is written, and verify says what", async (_, damage) => {
    damage()
    await refused(1, id, "--dry-run")
    await refused(1, `${base}.jsonl`)
    const { code, json, stdout } = await machine.run(["verify", "--json"])
    expect([code, json.exports[0].state]).toEqual([1, "damaged"])
    expect(json.exports[0].problems).not.toEqual([])
    expect((await machine.run(["verify"])).stdout).toContain("DAMAGED")
    expect(stdout).not.toContain("\u001b")
  })

  const archives: [string, (archived: string) => void][] = [
    ["cut short", (archived) => truncateSync(`${archived}.jsonl.zst`, 60)],
    ["empty", (archived) => truncateSync(`${archived}.jsonl.zst`, 0)],
    ["with a flipped bit", (archived) => flip(`${archived}.jsonl.zst`)],
    ["without one of its files", (archived) => rmSync(`${archived}.files`, { recursive: true })],
    [
      "with another manifest",
      (archived) => machine.editManifest(archived, (each) => Object.assign(each, { exportedAt: "2001" })),
    ],
    ["with a torn record", (archived) => truncateSync(`${archived}.archive.json`, 30)],
    [
      "whose file is a link",
      (archived) => {
        renameSync(`${archived}.jsonl.zst`, join(machine.root, "elsewhere"))
        symlinkSync(join(machine.root, "elsewhere"), `${archived}.jsonl.zst`)
      },
    ],
  ]
  test.each(archives)("an archive %s: nothing is written, and verify says what", async (_, damage) => {
    const archived = await machine.archiveIt(base)
    damage(archived)
    await refused(1, id)
    await refused(1, `${archived}.archive.json`)
    const { code, json } = await machine.run(["verify", "--json"])
    expect([code, json.exports[0].state, json.exports[0].place]).toEqual([1, "damaged", "archived"])
  })
})

test("an archive that would unfold without end stops at the length its manifest says", async () => {
  const archived = await machine.archiveIt(base)
  const bomb = Bun.zstdCompressSync(Buffer.alloc(64 << 20))
  writeFileSync(`${archived}.jsonl.zst`, bomb)
  const record = JSON.parse(readFileSync(`${archived}.archive.json`, "utf8"))
  const sha256 = new Bun.CryptoHasher("sha256").update(bomb).digest("hex")
  record.stored[0] = { ...record.stored[0], length: bomb.length, sha256 }
  writeFileSync(`${archived}.archive.json`, JSON.stringify(record))
  await refused(1, id)
  expect(existsSync(machine.transcriptFile)).toBe(false)
})
