/** An export and an archive made by 0.1.0, whose manifests are of format version 1, in a home that is gone. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { cpSync, existsSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

const [pending, archived] = [sessionId(1), sessionId(2)]
const made = "2026-11-27T17-56-58Z"
const nameOf = (id: string) => `${made}-${id}-LOSSLESS-session`
let machine: Machine
beforeEach(() => {
  machine = new Machine()
  cpSync(join(import.meta.dir, "../fixtures/format-1"), machine.data, { recursive: true })
})
afterEach(() => machine.dispose())

const inPending = (name: string) => join(machine.data, "sessions-export-pending-anthropic", name)
const inArchive = (name: string) => join(machine.data, "sessions-export-archive-anthropic", name)
const manifestOf = (path: string) => JSON.parse(readFileSync(`${path}.manifest.json`, "utf8"))

test("exports of 0.1.0 are listed and verified", async () => {
  expect([manifestOf(inPending(nameOf(pending))), manifestOf(inArchive(nameOf(archived)))]).toMatchObject([
    { formatVersion: 1, leftOut: [{ why: "it is not a plain file" }] },
    { formatVersion: 1, leftOut: [] },
  ])
  const list = await machine.run(["list", "--json"])
  expect(list.json.exports.map((each: { id: string; files: number }) => [each.id, each.files])).toEqual([
    [archived, 1],
    [pending, 3],
  ])
  const verify = await machine.run(["verify", "--all", "--json"])
  expect([verify.code, verify.json.exports.map((each: { state: string }) => each.state)]).toEqual([
    0,
    ["whole", "whole"],
  ])
})

test("an export of 0.1.0 whose bytes have changed is reported as damaged", async () => {
  const path = inPending(`${nameOf(pending)}.jsonl`)
  const text = readFileSync(path, "utf8").replace("quixotic", "quixotik")
  machine.write(path, text)
  const { code, json } = await machine.run(["verify", pending, "--json"])
  expect([code, json.exports[0].state]).toEqual([1, "damaged"])
})

test("exports of 0.1.0 are restored byte for byte, links included", async () => {
  const folder = join(machine.root, "restored")
  for (const id of [pending, archived]) {
    const answer = await machine.run(["restore", id, "--to", folder, "--json"])
    expect([answer.code, answer.stderr]).toEqual([0, ""])
  }
  const project = join(folder, "projects/-home-me-work-shop")
  const hash = (path: string) => new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex")
  for (const [id, manifest] of [
    [pending, manifestOf(inPending(nameOf(pending)))],
    [archived, manifestOf(inArchive(nameOf(archived)))],
  ]) {
    for (const { relative, sha256 } of manifest.files) expect(hash(join(folder, relative))).toBe(sha256)
    expect(existsSync(join(project, `${id}.jsonl`))).toBe(true)
  }
  expect(readlinkSync(join(project, pending, "tool-results/latest.txt"))).toBe("toolu_1.txt")
})

test("exports of 0.1.0 are indexed and archived, and their manifests keep every byte", async () => {
  const before = readFileSync(inPending(`${nameOf(pending)}.manifest.json`))
  const cx = await machine.run(["cx", "--json"])
  expect([cx.code, cx.stderr]).toEqual([0, ""])
  for (const [words, id] of [
    ["quixotic", pending],
    ["zephyr", archived],
  ] as const) {
    const { json } = await machine.run(["cxq", words, "--json"])
    expect(json.hits.map((hit: { session: string }) => hit.session)).toContain(id)
  }
  expect(existsSync(inPending(`${nameOf(pending)}.jsonl`))).toBe(false)
  expect(readFileSync(inArchive(`${nameOf(pending)}.manifest.json`)).equals(before)).toBe(true)
  const { code, json } = await machine.run(["verify", "--all", "--json"])
  expect([code, json.exports.map((each: { state: string }) => each.state)]).toEqual([0, ["whole", "whole"]])
})
