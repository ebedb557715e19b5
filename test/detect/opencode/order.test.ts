import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { type Call, hasStrace, traced } from "../../faults/harness/inject.ts"
import { OpencodeDatabase, sessionName } from "../../fixtures/agents/opencode.ts"
import { Machine } from "../../fixtures/machine.ts"

/** What no fault that can be injected here would show: a power cut is only survived by the right order of calls. */
describe.if(hasStrace)("the order of the steps in which rows are saved", () => {
  const id = sessionName(1)
  const machine = new Machine()
  let calls: readonly Call[] = []
  beforeAll(async () => {
    const database = new OpencodeDatabase(machine)
    database.add({ id, said: "x".repeat(200_000) })
    calls = (await traced(machine, ["export", id], ["fsync", "pwrite64", "pread64", "link", "fadvise64"]))
      .calls
  })
  afterAll(() => machine.dispose())

  const find = (name: string, form: RegExp | string, from = 0): number => {
    const fits = (line: string) => (typeof form === "string" ? line.includes(form) : form.test(line))
    return calls.findIndex((call, at) => at >= from && call.name === name && fits(call.line))
  }

  test("they are flushed after the last byte, forgotten by the kernel, read from the disk, and then named", () => {
    const written = calls.findLastIndex(
      ({ name, line }) => name === "pwrite64" && line.includes("session.jsonl>"),
    )
    const flushed = find("fsync", "session.jsonl>", written)
    const forgotten = find("fadvise64", /session\.jsonl>.*POSIX_FADV_DONTNEED/, flushed)
    const read = find("pread64", "session.jsonl>", forgotten)
    expect([written > -1, flushed > written, forgotten > flushed, read > forgotten]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(find("link", /session\.jsonl"\)/)).toBeGreaterThan(read)
  })

  test("the database is read again after that", () => {
    const flushed = find("fsync", "session.jsonl>")
    expect(find("pread64", "opencode.db-wal>", flushed)).toBeGreaterThan(flushed)
  })
})
