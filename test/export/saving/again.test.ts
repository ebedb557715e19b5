/** An earlier export is relied on only when it is flushed and read afresh: the run that made it may have been cut off. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { dirname } from "node:path"
import { type Call, hasStrace, traced } from "../../faults/harness/inject.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { committed, filesBelow, pendingOf } from "../export-invariants.ts"

describe.if(hasStrace)("an unchanged session's earlier export", () => {
  const id = sessionId(1)
  const machine = new Machine()
  let calls: readonly Call[] = []
  let copies: string[] = []
  beforeAll(async () => {
    const transcript = machine.transcript(id)
    machine.write(`${dirname(transcript)}/${id}/subagents/agent-1.jsonl`, '{"a":1}\n')
    expect((await machine.run(["export", id])).code).toBe(0)
    const [base = ""] = committed(machine)
    copies = [`${base}.jsonl`, ...filesBelow(`${base}.files`)]
    const { answer, calls: seen } = await traced(
      machine,
      ["export", id, "--verify", "--json"],
      ["fsync", "fadvise64", "pread64"],
    )
    expect(answer.json.exports[0].status).toBe("unchanged")
    calls = seen
  })
  afterAll(() => machine.dispose())

  const find = (name: string, about: string, from = 0) =>
    calls.findIndex((call, at) => at >= from && call.name === name && call.line.includes(`<${about}>`))

  test("is flushed, forgotten by the kernel and only then read", () => {
    expect(copies).toHaveLength(2)
    for (const copy of copies) {
      const flushed = find("fsync", copy)
      const forgotten = find("fadvise64", copy, flushed)
      expect(flushed).toBeGreaterThan(-1)
      expect(calls[forgotten]?.line).toContain("POSIX_FADV_DONTNEED")
      expect(find("pread64", copy)).toBeGreaterThan(forgotten)
    }
  })

  test("has its folders flushed, which makes its names last", () => {
    const read = calls.findLastIndex(({ name, line }) => name === "pread64" && line.includes(machine.data))
    for (const folder of [pendingOf(machine), ...copies.map((copy) => dirname(copy))])
      expect(find("fsync", folder, read)).toBeGreaterThan(read)
  })
})
