/** `pack` and `unpack` in the compiled program: from one machine to another. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { zstdCompressSync } from "node:zlib"
import { Machine, tree } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

let here: Machine
let there: Machine
beforeEach(() => {
  here = new Machine()
  there = new Machine()
})
afterEach(() => Promise.all([here.dispose(), there.dispose()]))

const id = sessionId(9)
const cwd = "/work/one"

async function packed(): Promise<string> {
  here.transcript(id, { cwd })
  const long = `${"a-long-name-of-a-tool-result-".repeat(5)}.txt`
  here.write(join(here.claude, "projects/-work-one", id, "tool-results", long), "a result")
  const file = join(here.root, "talk.tar.zst")
  const said = await here.run(["pack", id, file, "--json"])
  expect([said.code, said.json.sessions]).toEqual([0, [expect.objectContaining({ id })]])
  return file
}

describe("pack", () => {
  test("standard tools open it, and its sums are right", async () => {
    const file = await packed()
    const to = join(here.root, "opened")
    mkdirSync(to)
    const tar = Bun.spawnSync(["tar", "--zstd", "-xf", file, "-C", to])
    expect([tar.exitCode, tar.stderr.toString()]).toEqual([0, ""])
    const sums = Bun.spawnSync(["sha256sum", "--quiet", "-c", "SHA256SUMS"], { cwd: to })
    expect([sums.exitCode, sums.stdout.toString()]).toEqual([0, ""])
    expect(JSON.parse(readFileSync(join(to, "pack.json"), "utf8")).sessions).toMatchObject([{ id, cwd }])
  })

  test("a file that is there is not replaced", async () => {
    const file = await packed()
    const before = readFileSync(file)
    const said = await here.run(["pack", id, file])
    expect([said.code, readFileSync(file).equals(before)]).toEqual([4, true])
    expect(readdirSync(here.root).filter((name) => name.endsWith(".tmp"))).toEqual([])
  })
})

describe("unpack", () => {
  test("the session is in the other home, byte for byte, with its side files", async () => {
    const file = await packed()
    const said = await there.run(["unpack", file, "--json"])
    expect([said.code, said.json.failures]).toEqual([0, []])
    expect(said.json.sessions[0]).toMatchObject({ id, root: there.claude, files: 2 })
    const contents = (machine: Machine) =>
      [...new Bun.Glob("projects/**").scanSync({ cwd: machine.claude, dot: true })]
        .toSorted()
        .map((name) => [name, readFileSync(join(machine.claude, name), "utf8")])
    expect(contents(there)).toEqual(contents(here))
  })

  test("filed under another folder, each path that changes is listed", async () => {
    const file = await packed()
    const folder = join(there.root, "shop")
    mkdirSync(folder)
    const said = await there.run(["unpack", file, "--folder", folder, "--json"])
    const [session] = said.json.sessions
    const path = there.transcriptPath(id, folder)
    expect(existsSync(path)).toBe(true)
    expect(session.changes).toContainEqual({ from: here.transcriptPath(id, cwd), to: path })
    const shown = await there.run(["resume", id])
    expect(shown.stdout).toContain(id)
  })

  test("a flipped byte stops it, and nothing is written", async () => {
    const file = await packed()
    const bytes = readFileSync(file)
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1
    here.write(file, bytes)
    const said = await there.run(["unpack", file])
    expect([said.code, said.stderr]).toEqual([1, expect.stringContaining("the pack is damaged")])
    expect(tree(there.claude)).toEqual({})
    const kept = join(there.data, "unpacked")
    expect(existsSync(kept) ? readdirSync(kept) : []).toEqual([])
  })

  test("a file that is not what its sum says stops it, and nothing is kept", async () => {
    const file = await packed()
    const to = join(here.root, "opened")
    mkdirSync(to)
    Bun.spawnSync(["tar", "--zstd", "-xf", file, "-C", to])
    const names = readdirSync(to).filter((name) => name.endsWith(".jsonl"))
    here.write(join(to, names[0] ?? ""), "something else\n")
    const order = ["SHA256SUMS", ...readdirSync(to).filter((name) => name !== "SHA256SUMS")]
    Bun.spawnSync(
      [
        "tar",
        "--zstd",
        "--format=ustar",
        "-cf",
        join(here.root, "swapped.tar.zst"),
        ...order.filter((name) => !name.endsWith(".files")),
      ],
      { cwd: to },
    )
    const said = await there.run(["unpack", join(here.root, "swapped.tar.zst")])
    expect([said.code, said.stderr]).toEqual([1, expect.stringContaining("does not match its sum")])
    expect(tree(there.claude)).toEqual({})
  })

  test.each([
    ["../../../.bashrc", "0"],
    ["/etc/evil", "0"],
    ["settings.json", "0"],
    [`2026-01-31T23-59-58Z-${id}-LOSSLESS-session.files/../../x`, "0"],
    [`2026-01-31T23-59-58Z-${id}-LOSSLESS-session.jsonl`, "2"],
  ])("refuses %s (type %s), and writes nothing outside", async (name, type) => {
    const file = here.write(join(here.root, "hostile.tar.zst"), hostile(name, type))
    const before = tree(there.root)
    const said = await there.run(["unpack", file])
    expect([said.code, said.stderr]).toEqual([4, expect.stringContaining("nothing of it was restored")])
    const after = Object.keys(tree(there.root)).filter((path) => !(path in before))
    expect(after.filter((path) => !path.startsWith("data"))).toEqual([])
    expect(after.filter((path) => path.startsWith("data/unpacked/"))).toEqual([])
  })

  test("a long name of gigabytes is not read into memory", async () => {
    const sums = Buffer.from(`${"0".repeat(64)}  pack.json\n`)
    const start = [header("SHA256SUMS", sums.length, "0"), sums, Buffer.alloc(512 - sums.length)]
    const end = [header("pax", 2 ** 31, "x"), Buffer.alloc(8 * 2 ** 20)]
    const file = here.write(
      join(here.root, "long.tar.zst"),
      zstdCompressSync(Buffer.concat([...start, ...end])),
    )
    const said = await there.run(["unpack", file])
    expect([said.code, said.stderr]).toEqual([1, expect.stringContaining("a long name is too long")])
    expect(tree(there.claude)).toEqual({})
  })

  test("a manifest that names a place outside of its session is refused by the restore", async () => {
    const file = await packed()
    const to = join(here.root, "opened")
    mkdirSync(to)
    Bun.spawnSync(["tar", "--zstd", "-xf", file, "-C", to])
    const manifest = readdirSync(to).find((name) => name.endsWith(".manifest.json")) ?? ""
    const text = readFileSync(join(to, manifest), "utf8").replaceAll("projects/-work-one", "../../elsewhere")
    here.write(join(to, manifest), text)
    const names = readFileSync(join(to, "SHA256SUMS"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(66))
    const files = names.map((name) => [name, readFileSync(join(to, name))] as const)
    const again = here.write(join(here.root, "changed.tar.zst"), tarOf(files))
    const said = await there.run(["unpack", again])
    expect([said.code, said.stdout]).toEqual([1, expect.stringContaining("FAILED")])
    expect(existsSync(join(there.root, "elsewhere"))).toBe(false)
  })
})

function tarOf(files: readonly (readonly [string, Buffer])[], type = "0"): Buffer {
  const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex")
  const sums = Buffer.from(files.map(([name, bytes]) => `${sha(bytes)}  ${name}\n`).join(""))
  const blocks = [["SHA256SUMS", sums] as const, ...files].flatMap(([name, bytes], index) => [
    ...(name.length > 100 ? [longName(name)] : []),
    header(name.slice(0, 100), bytes.length, index === 0 ? "0" : type),
    bytes,
    Buffer.alloc((512 - (bytes.length % 512)) % 512),
  ])
  return zstdCompressSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

function hostile(name: string, type: string): Buffer {
  return tarOf([[name, Buffer.from("evil")]], type)
}

function longName(name: string): Buffer {
  const rest = ` path=${name}\n`
  const record = Buffer.from(`${rest.length + 3}${rest}`)
  const padding = Buffer.alloc((512 - (record.length % 512)) % 512)
  return Buffer.concat([header("pax", record.length, "x"), record, padding])
}

function header(name: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0)
  block.write(
    `0000600\0${"0000000\0".repeat(2)}${size.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0`,
    100,
  )
  block.write(`        ${type}`, 148)
  block.write("ustar\x0000", 257, "latin1")
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
  return block
}

test("a file that is not there is not found, and was never there to vanish", async () => {
  const { code, stderr } = await there.run(["unpack", join(there.root, "none.tar.zst")])
  expect(code).toBe(3)
  expect(stderr).toContain(`no such file: ${join(there.root, "none.tar.zst")}`)
})
