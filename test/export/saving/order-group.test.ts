import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { basename } from "node:path"
import { type Call, hasStrace, traced } from "../../faults/harness/inject.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { pendingOf } from "../export-invariants.ts"

/** What no fault that can be injected here would show: a power cut is only survived by the right order of calls. */
describe.if(hasStrace)("the order of the steps of a group of exports", () => {
  const machine = new Machine()
  const pending = pendingOf(machine)
  const ids = [1, 2, 3, 4, 5].map(sessionId)
  const sources: string[] = []
  let calls: readonly Call[] = []
  beforeAll(async () => {
    for (const id of ids) sources.push(machine.transcript(id))
    const agent = sources[0]?.replace(/\.jsonl$/, "/subagents/agent-1.jsonl") ?? ""
    machine.write(agent, '{"a":1}\n')
    const names = ["fsync", "syncfs", "pwrite64", "pread64", "link", "rename", "fadvise64", "openat"]
    // while other programs have much to write, files are flushed one by one: that is not what is looked at here
    for (let tries = 0; tries < 5 && !calls.some(({ name }) => name === "syncfs"); tries++) {
      Bun.spawnSync(["sync"])
      rmSync(machine.data, { recursive: true, force: true })
      calls = (await traced(machine, ["export", "--all"], names)).calls
    }
  })
  afterAll(() => machine.dispose())

  const all = (name: string, form: RegExp): number[] =>
    calls.flatMap((call, at) => (call.name === name && form.test(call.line) ? [at] : []))
  const first = (name: string, form: RegExp, from = -1) => all(name, form).find((at) => at > from) ?? -1
  /** The descriptor of a file in the staging of a session, as strace shows it. */
  const staged = (id: string, file: string) =>
    new RegExp(`<[^>]*/\\.${id}\\.[^>]*/${file.replaceAll(".", "\\.")}>`)
  const everyFile = [
    ...ids.flatMap((id) => [staged(id, "session.jsonl"), staged(id, "manifest.json")]),
    /<[^>]*\.tmp\/files\/.*agent-1\.jsonl>/,
  ]

  test("all of it is flushed at once, on a descriptor that is older than the first byte", () => {
    const flushes = all("syncfs", /./)
    expect(flushes).toHaveLength(1)
    expect(calls[flushes[0] ?? -1]?.line).toContain(`<${pending}>`)
    const opened = all("openat", new RegExp(`"${pending}", [^)]*O_DIRECTORY`))[0] ?? -1
    expect(opened).toBeGreaterThan(-1)
    expect(opened).toBeLessThan(all("pwrite64", /\.tmp\//)[0] ?? -1)
  })

  test("every copy and manifest is written before the flush, then read from the disk, then named", () => {
    const flushed = first("syncfs", /./)
    const named = first("link", /\.manifest\.json"/)
    for (const file of everyFile) {
      expect(all("pwrite64", file).at(-1) ?? -1).toBeGreaterThan(-1)
      expect(all("pwrite64", file).at(-1)).toBeLessThan(flushed)
      const forgotten = first("fadvise64", new RegExp(`${file.source}.*POSIX_FADV_DONTNEED`), flushed)
      expect(forgotten).toBeGreaterThan(flushed)
      expect(first("pread64", file)).toBeGreaterThan(forgotten)
      expect(first("pread64", file)).toBeLessThan(named)
    }
  })

  test("every source is read a second time after the flush", () => {
    const flushed = first("syncfs", /./)
    for (const source of sources)
      expect(first("pread64", new RegExp(`/${basename(source)}>`), flushed)).toBeGreaterThan(flushed)
  })

  test("files, manifests, flush, .jsonls, flush: once for all", () => {
    const manifests = all("link", /\.manifest\.json"\)/)
    const commits = all("link", /session\.jsonl"\)/)
    const folder = all("fsync", new RegExp(`<${pending}>`))
    expect([manifests.length, commits.length]).toEqual([5, 5])
    expect(first("rename", /session\.files"\)/)).toBeLessThan(manifests.at(-1) ?? -1)
    expect(folder.some((at) => at > (manifests.at(-1) ?? -1) && at < (commits[0] ?? -1))).toBe(true)
    expect(folder.some((at) => at > (commits.at(-1) ?? -1))).toBe(true)
    expect(folder.length).toBe(2)
  })
})
