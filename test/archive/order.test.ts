/** In which order an export becomes an archive: what no crash that can be made here would show. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { cpSync } from "node:fs"
import { basename, join } from "node:path"
import { type Call, hasStrace, traced } from "../faults/harness/inject.ts"
import { id, Rescued } from "../restore/rescued.ts"

const names = ["fsync", "pwrite64", "pread64", "link", "rename", "unlink", "unlinkat", "fadvise64"]

describe.if(hasStrace)("the order of an archive's steps", () => {
  const machine = new Rescued()
  let calls: readonly Call[] = []
  let name = ""
  beforeAll(async () => {
    name = basename(await machine.export())
    const { answer, calls: all } = await traced(machine, ["cx", "--json"], names)
    expect([answer.code, answer.stderr]).toEqual([0, ""])
    calls = all
  })
  afterAll(() => machine.dispose())

  /** Where a call of that name is whose line says so, from a place on; it is there. */
  function find(call: string, what: string | RegExp, from = 0): number {
    const at = calls.findIndex(
      ({ name: each, line }, index) => index >= from && each === call && new RegExp(what).test(line),
    )
    expect([call, what, at >= from]).toEqual([call, what, true])
    return at
  }
  const named = (ending: string) => find("link", `link\\(.*, "${machine.archive}/${name}\\.${ending}"\\)`)
  const removed = (ending: string) => find("unlink", `"${machine.pending()}/${name}\\.${ending}"`)
  const flush = (folder: string, from: number) => find("fsync", `<${folder}>`, from)

  test("what the archiver made is flushed, forgotten and read again before it gets its name", () => {
    const stored = /\.tmp\/files\/[^/]*\.jsonl\.zst>/
    const written = find("pwrite64", stored)
    const flushed = find("fsync", stored, written)
    const forgotten = find("fadvise64", new RegExp(`${stored.source}.*POSIX_FADV_DONTNEED`), flushed)
    const read = find("pread64", stored, forgotten)
    expect(named("jsonl\\.zst")).toBeGreaterThan(read)
    expect(find("fsync", "\\.tmp/files>")).toBeLessThan(named("jsonl\\.zst"))
  })

  test("so is its manifest", () => {
    const manifest = /\.tmp\/manifest\.json>/
    const flushed = find("fsync", manifest, find("pwrite64", manifest))
    const forgotten = find("fadvise64", new RegExp(`${manifest.source}.*POSIX_FADV_DONTNEED`), flushed)
    expect(find("pread64", manifest, forgotten)).toBeLessThan(named("manifest\\.json"))
  })

  test("the record is the last to be named, after the folders are flushed, and is flushed itself", () => {
    const commit = named("archive\\.json")
    const before = [named("jsonl\\.zst"), named("manifest\\.json")]
    const links = calls.flatMap(({ name: each, line }, at) =>
      each === "link" && line.includes(`, "${machine.archive}/`) ? [at] : [],
    )
    expect(links.length).toBe(8)
    expect(links.at(-1)).toBe(commit)
    for (const at of before) expect(at).toBeLessThan(commit)
    expect(flush(machine.archive, links.at(-2) ?? 0)).toBeLessThan(commit)
    expect(find("fsync", "/record\\.json>")).toBeLessThan(commit)
  })

  test("only then the export goes: its .jsonl first, and for good, then the rest", () => {
    const commit = named("archive\\.json")
    const committed = flush(machine.archive, commit)
    const first = removed("jsonl")
    expect(first).toBeGreaterThan(committed)
    const gone = flush(machine.pending(), first)
    expect(find("unlink", `"${machine.pending()}/${name}\\.files/`)).toBeGreaterThan(gone)
    expect(removed("manifest\\.json")).toBeGreaterThan(gone)
  })

  test("one that lies in the archive already is flushed, too, before the export goes", async () => {
    await machine.restore(id)
    const kept = join(machine.root, "kept")
    machine.grow()
    name = basename(await machine.export())
    cpSync(machine.pending(), kept, { recursive: true })
    await machine.run(["cx", "--json"])
    cpSync(kept, machine.pending(), { recursive: true })
    const { answer, calls: all } = await traced(machine, ["cx", "--json"], names)
    expect([answer.code, JSON.parse(answer.stdout).exports.length]).toEqual([0, 1])
    calls = all
    const first = removed("jsonl")
    expect(flush(machine.archive, 0)).toBeLessThan(first)
    expect(flush(`${machine.archive}/${name}.files`, 0)).toBeLessThan(first)
  })
})
