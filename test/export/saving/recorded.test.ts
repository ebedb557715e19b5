import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  copyFileSync,
  cpSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { type Fault, hasStrace, traced } from "../../faults/harness/inject.ts"
import { mount } from "../../faults/harness/mounts.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { isolated } from "../../guard.ts"
import { committed, filesBelow, manifestOf, pendingOf } from "../export-invariants.ts"

const id = sessionId(1)
let machine: Machine
let transcript: string
let base: string
beforeEach(async () => {
  machine = new Machine()
  transcript = machine.transcript(id)
  machine.write(`${dirname(transcript)}/${id}/subagents/agent-1.jsonl`, '{"a":1}\n')
  await settled()
  expect((await machine.run(["export", id])).code).toBe(0)
  base = committed(machine)[0] ?? ""
})
afterEach(() => machine.dispose())

/** Until the clock of the file system has moved on, a later change could have the same time. */
async function settled(): Promise<void> {
  const { ctimeMs } = statSync(transcript)
  while (Date.now() - ctimeMs <= 60) await new Promise(setImmediate)
}

const again = async (...more: string[]) => {
  const { json } = await machine.run(["export", id, "--json", ...more])
  expect(json.failures).toEqual([])
  return json.exports[0]
}

/**
 * Changes one byte and nothing that a look at size and modification time would show; after the tick of the clock in which
 * the export was published, because within it a change has the same time.
 */
function flip(path: string): void {
  const { atime, mtime } = statSync(path)
  const probe = join(machine.root, "probe")
  writeFileSync(probe, "")
  const start = statSync(probe).ctimeMs
  while (statSync(probe).ctimeMs <= start) writeFileSync(probe, "x")
  const bytes = readFileSync(path)
  bytes[5] = (bytes[5] ?? 0) ^ 1
  writeFileSync(path, bytes)
  utimesSync(path, atime, mtime)
}

const agent = () => `${dirname(transcript)}/${id}/subagents/agent-1.jsonl`
const copyOfAgent = () => filesBelow(`${base}.files`)[0] ?? ""

test("an unchanged session is not read again: it says since when, and when it was verified", async () => {
  const newest = Math.max(...[transcript, agent()].map((path) => lstatSync(path).ctimeMs))
  const result = await again()
  expect(result).toMatchObject({
    status: "unchanged",
    path: `${base}.jsonl`,
    unchangedSince: new Date(newest).toISOString(),
    verifiedAt: manifestOf(base).exportedAt,
  })
  const { stdout } = await machine.run(["export", id], { env: { TZ: "UTC" } })
  const minute = (at: string) => at.slice(0, 16).replace("T", " ")
  expect(stdout).toContain(
    `unchanged since ${minute(result.unchangedSince)}, verified ${minute(result.verifiedAt)}`,
  )
})

test("with --verify all is read again", async () => {
  expect(Object.keys(await again("--verify"))).not.toContain("verifiedAt")
  expect((await machine.run(["export", id, "--verify"])).stdout).toContain("unchanged, verified again")
})

test.each([
  ["transcript", () => transcript],
  ["other file", agent],
])("one byte of the %s changed behind time and size is saved", async (_, path) => {
  flip(path())
  expect(await again()).toMatchObject({ status: "verified" })
})

test.each([
  ["its transcript was changed", () => flip(`${base}.jsonl`)],
  ["another file of it was changed", () => flip(copyOfAgent())],
  ["a file of it is cut off", () => truncateSync(copyOfAgent(), 1)],
  ["a file of it is gone", () => rmSync(copyOfAgent())],
])("a copy is not relied on by what its manifest says: %s", async (_, spoil) => {
  spoil()
  expect(await again()).toMatchObject({ status: "verified" })
  expect(committed(machine)).toHaveLength(2)
})

test.each([
  [
    "a source that is another file with the same bytes",
    () => {
      const { atime, mtime } = statSync(transcript)
      copyFileSync(transcript, `${transcript}.new`)
      utimesSync(`${transcript}.new`, atime, mtime)
      renameSync(`${transcript}.new`, transcript)
    },
  ],
  [
    "an export that was copied to here",
    () => {
      const data = machine.data
      cpSync(data, `${data}.new`, { recursive: true, preserveTimestamps: true, mode: 0 })
      rmSync(data, { recursive: true })
      renameSync(`${data}.new`, data)
    },
  ],
  [
    "a manifest that does not tell the time of the change",
    () => {
      const path = `${base}.manifest.json`
      writeFileSync(path, readFileSync(path, "utf8").replaceAll(/,\s+"changedAt": "\d+"/g, ""))
    },
  ],
])("what cannot be told from the records is read: %s", async (_, change) => {
  change()
  const result = await again()
  expect(result.status).toBe("unchanged")
  expect(Object.keys(result)).not.toContain("verifiedAt")
})

describe("an archived export", () => {
  const archived = () => readdirSync(archive).filter((name) => !/\.(manifest|archive)\.json$/.test(name))
  let archive = ""
  beforeEach(async () => {
    expect((await machine.run(["cx"])).code).toBe(0)
    archive = join(machine.data, "sessions-export-archive-anthropic")
    expect([archived().length > 0, committed(machine)]).toEqual([true, []])
  })

  test("is not read again either: it was verified when it was archived", async () => {
    const [record = ""] = readdirSync(archive).filter((name) => name.endsWith(".archive.json"))
    const { archivedAt } = JSON.parse(readFileSync(join(archive, record), "utf8"))
    expect(await again()).toMatchObject({ status: "unchanged", verifiedAt: archivedAt })
  })

  test("is read when a file of it was changed", async () => {
    flip(join(archive, archived().find((name) => name.endsWith(".zst")) ?? ""))
    expect(await again()).toMatchObject({ status: "verified" })
  })

  test("is read when its manifest was changed", async () => {
    const [manifest = ""] = readdirSync(archive).filter((name) => name.endsWith(".manifest.json"))
    utimesSync(join(archive, manifest), new Date(), new Date())
    expect(Object.keys(await again())).not.toContain("verifiedAt")
  })
})

describe.if(isolated)("on a file system that is not known to tell every change", () => {
  test("all is read", async () => {
    const disk = mount(["mount", "-t", "ramfs", "ramfs"])
    try {
      cpSync(machine.claude, join(disk.folder, "home"), { recursive: true })
      const env = { CLAUDE_CONFIG_DIR: join(disk.folder, "home") }
      const run = async () => (await machine.run(["export", id, "--json"], { env })).json.exports[0]
      expect((await run()).status).toBe("verified")
      const result = await run()
      expect([result.status, Object.keys(result).includes("verifiedAt")]).toEqual(["unchanged", false])
    } finally {
      disk.dispose()
    }
  })
})

describe.if(hasStrace)("as the kernel sees it", () => {
  const names = ["openat", "pread64", "fsync", "unlinkat"]
  const trace = (faults: readonly Fault[] = []) => traced(machine, ["export", id, "--json"], names, faults)

  test("no copy is opened, and the folder of the names is flushed", async () => {
    const { calls, answer } = await trace()
    expect(answer.json.exports[0]).toHaveProperty("verifiedAt")
    expect(calls.filter(({ name, line }) => name === "openat" && line.includes(`${base}.jsonl`))).toEqual([])
    const pending = new RegExp(`<${pendingOf(machine)}>`)
    expect(calls.some(({ name, line }) => name === "fsync" && pending.test(line))).toBe(true)
  })

  test("a folder that cannot be flushed makes it uncertain, not unchanged", async () => {
    const { answer } = await trace([{ call: "fsync", when: "1+", effect: "error=EIO" }])
    expect([answer.code, answer.json.exports[0].status]).toEqual([1, "unconfirmed"])
  })

  test("a manifest loses its temporary name after the files that it vouches for", async () => {
    rmSync(machine.data, { recursive: true })
    const { calls } = await trace()
    const removed = (file: string) =>
      calls.findLastIndex(({ name, line }) => name === "unlinkat" && line.includes(`.tmp/${file}"`))
    expect(removed("session.jsonl")).toBeGreaterThan(-1)
    expect(removed("manifest.json")).toBeGreaterThan(removed("session.jsonl"))
  })
})
