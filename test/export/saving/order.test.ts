import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { dirname } from "node:path"
import { type Call, hasStrace, traced } from "../../faults/harness/inject.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { pendingOf } from "../export-invariants.ts"

/** What no fault that can be injected here would show: a power cut is only survived by the right order of calls. */
describe.if(hasStrace)("the order of an export's steps", () => {
  const id = sessionId(1)
  const machine = new Machine()
  const pending = pendingOf(machine)
  let transcript = ""
  let calls: readonly Call[] = []
  beforeAll(async () => {
    transcript = machine.transcript(id)
    machine.write(`${dirname(transcript)}/${id}/subagents/agent-1.jsonl`, '{"a":1}\n')
    const names = ["mkdir", "fsync", "pwrite64", "pread64", "link", "rename", "fadvise64"]
    calls = (await traced(machine, ["export", id], names)).calls
  })
  afterAll(() => machine.dispose())

  const find = (name: string, form: RegExp | string, from = 0): number => {
    const fits = (line: string) => (typeof form === "string" ? line.includes(form) : form.test(line))
    return calls.findIndex((call, at) => at >= from && call.name === name && fits(call.line))
  }
  const published = (ending: string) =>
    find(ending === "files" ? "rename" : "link", new RegExp(`session\\.${ending}"\\)`))

  test.each([
    ["session.jsonl>", "jsonl"],
    ["manifest.json>", "manifest.json"],
    ["agent-1.jsonl>", "files"],
  ])("%s is flushed after its last byte and before it gets its name", (file, ending) => {
    const written = calls.findLastIndex(({ name, line }) => name === "pwrite64" && line.includes(file))
    const flushed = find("fsync", file, written)
    expect(written).toBeGreaterThan(-1)
    expect(flushed).toBeGreaterThan(written)
    expect(published(ending)).toBeGreaterThan(flushed)
  })

  test("source and copy are read again after the flush", () => {
    const flushed = find("fsync", "session.jsonl>")
    expect(find("pread64", `<${transcript}>`)).toBeLessThan(flushed)
    expect(find("pread64", `<${transcript}>`, flushed)).toBeGreaterThan(flushed)
    expect(find("pread64", "session.jsonl>", flushed)).toBeGreaterThan(flushed)
  })

  test.each([/session\.jsonl>/, /manifest\.json>/, /\.tmp\/files\/.*agent-1\.jsonl>/])(
    "the kernel forgets %p between flushing it and reading it again: the disk is asked, not the memory",
    (file) => {
      const flushed = find("fsync", file)
      const forgotten = find("fadvise64", new RegExp(`${file.source}.*POSIX_FADV_DONTNEED`), flushed)
      expect(flushed).toBeGreaterThan(-1)
      expect(forgotten).toBeGreaterThan(flushed)
      expect(find("pread64", file)).toBeGreaterThan(forgotten)
    },
  )

  test("the other files, then the manifest, are named and flushed before the .jsonl, which is flushed last", () => {
    const manifest = published("manifest.json")
    const commit = published("jsonl")
    expect(published("files")).toBeLessThan(manifest)
    const flushed = find("fsync", `<${pending}>`, manifest)
    expect(flushed).toBeGreaterThan(manifest)
    expect(commit).toBeGreaterThan(flushed)
    expect(find("fsync", `<${pending}>`, commit)).toBeGreaterThan(commit)
  })

  test("every folder made is flushed, and every folder it was made in", () => {
    const made = calls.flatMap(({ name, line }) =>
      name === "mkdir" ? [/"([^"]+)"/.exec(line)?.[1] ?? ""] : [],
    )
    const below = made.filter((path) => path.includes(".tmp/files"))
    expect(below.length).toBeGreaterThan(3)
    for (const path of below) expect(find("fsync", `<${path}>`)).toBeLessThan(published("files"))
    for (const path of [...below, machine.data]) expect(find("fsync", `<${path}>`)).toBeGreaterThan(-1)
    expect(find("fsync", `<${dirname(machine.data)}>`)).toBeGreaterThan(find("mkdir", `"${machine.data}"`))
  })
})
