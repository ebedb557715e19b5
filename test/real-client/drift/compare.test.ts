import { expect, test } from "bun:test"
import { compare } from "./compare.ts"
import { FactCollector, type Facts } from "./facts.ts"
import { report } from "./report.ts"
import { lastBefore } from "./stored.ts"

function facts(
  version: string,
  fill: (collector: FactCollector) => void,
  situations: string[] = ["a turn"],
): Facts {
  const collector = new FactCollector()
  fill(collector)
  return { version, situations, shapes: collector.shapes() }
}

const before = facts("2.1.1", (it) => {
  it.add("records", "user", ["uuid: string", "cwd: string"])
  it.add("records", "progress", ["data: object"])
  it.add("registry", "sessions/PID.json", ['status: "idle"'])
  it.add("files", "~/.claude/history.jsonl", ["file 0600"])
})
const after = facts("2.1.2", (it) => {
  it.add("records", "user", ["cwd: string", "slug: string"])
  it.add("records", "atis-latch", ["cwd: string", "sessionId: string", "latch: boolean"])
  it.add("registry", "sessions/PID.json", ['status: "idle"'])
  it.add("registry", "sessions/PID.json", ['status: "shell"'])
  it.add("files", "~/.claude/history.jsonl", ["file 0600"])
})

test("what differs: things that are new, gone, and changed in details", () => {
  expect(compare(before, after)).toEqual([
    {
      group: "records",
      kind: "added",
      name: "atis-latch",
      added: ["cwd: string", "latch: boolean", "sessionId: string"],
      gone: [],
    },
    { group: "records", kind: "gone", name: "progress", added: [], gone: ["data: object"] },
    { group: "records", kind: "changed", name: "user", added: ["slug: string"], gone: ["uuid: string"] },
    { group: "registry", kind: "changed", name: "sessions/PID.json", added: ['status: "shell"'], gone: [] },
  ])
  expect(compare(before, before)).toEqual([])
})

test("facts that lack a whole group, as older ones may, are compared all the same", () => {
  const { commands: _, ...rest } = before.shapes
  const old = { ...before, shapes: rest as Facts["shapes"] }
  const fresh = facts("2.1.2", (it) => it.add("commands", "attach"))
  expect(compare(old, fresh)).toContainEqual({
    group: "commands",
    kind: "added",
    name: "attach",
    added: [],
    gone: [],
  })
})

test("the report is grouped, new things first without the fields of every message, and says where nothing differs", () => {
  expect(
    report(before, after, compare(before, after)),
  ).toBe(`claude 2.1.2, compared with 2.1.1: + new, - gone, ~ changed

records
  + atis-latch
      latch: boolean   sessionId: string
  - progress
  ~ user
      + slug: string   - uuid: string

registry
  ~ sessions/PID.json
      + status: "shell"

Nothing differs in: state files, files, processes, commands.
`)
})

test("what only one of the two was driven through is said: it explains what is missing", () => {
  const more = { ...after, situations: ["a turn", "/rename"] }
  expect(report(before, more, [])).toContain("2.1.1 was not driven through: /rename\n")
  expect(report(more, before, [])).toContain("2.1.1 was not driven through: /rename\n")
})

test("a field that is null at first and a string later is a string", () => {
  const { records } = facts("2.1.1", (it) => {
    it.add("records", "user", ["stop: null", "parent: null"])
    it.add("records", "user", ["parent: string"])
  }).shapes
  expect(records.user).toEqual(["parent: string", "stop: null"])
})

test("the last facts before a version are those of the newest older one", () => {
  const stored = ["2.1.332", "2.1.197", "2.0.60"]
  expect(lastBefore("2.1.333", stored)).toBe("2.1.332")
  expect(lastBefore("2.1.332", stored)).toBe("2.1.197")
  expect(lastBefore("2.1.99", stored)).toBe("2.0.60")
  expect(lastBefore("1.0.100", stored)).toBe("2.1.332")
  expect(lastBefore("2.1.332", ["2.1.332"])).toBeUndefined()
})
