import { afterEach, beforeEach, expect, test } from "bun:test"
import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { hasStrace, traced } from "../../faults/harness/inject.ts"
import { Machine, tree } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { brokenGuarantees, committed, filesBelow, manifestOf, pendingOf } from "../export-invariants.ts"

const id = sessionId(1)
let machine: Machine
let transcript: string
beforeEach(async () => {
  machine = new Machine()
  transcript = machine.transcript(id)
  machine.write(`${dirname(transcript)}/${id}/subagents/agent-1.jsonl`, '{"a":1}\n')
  expect((await machine.run(["export", id])).code).toBe(0)
})
afterEach(() => machine.dispose())

const again = async () => {
  const { json } = await machine.run(["export", id, "--verify", "--json"])
  expect(json.failures).toEqual([])
  return { ...json.exports[0], warnings: json.warnings }
}
/** Changes one byte and nothing that a look at the file would show. */
function flip(path: string): void {
  const { atime, mtime } = statSync(path)
  const bytes = readFileSync(path)
  bytes[5] = (bytes[5] ?? 0) ^ 1
  writeFileSync(path, bytes)
  utimesSync(path, atime, mtime)
}

test("an unchanged session is not copied twice: the earlier export is named", async () => {
  const before = tree(machine.data)
  const [base] = committed(machine)
  expect(await again()).toMatchObject({ status: "unchanged", path: `${base}.jsonl`, files: 2, warnings: [] })
  expect(tree(machine.data)).toEqual(before)
})

test("one byte changed behind time and size is found, in any file of the session", async () => {
  flip(transcript)
  expect(await again()).toMatchObject({ status: "verified", warnings: [] })
  flip(`${dirname(transcript)}/${id}/subagents/agent-1.jsonl`)
  expect(await again()).toMatchObject({ status: "verified", warnings: [] })
  expect(committed(machine)).toHaveLength(3)
})

test.each(["transcript", "other file"])(
  "an export whose %s is damaged is said to be, left alone, and replaced",
  async (which) => {
    const [base = ""] = committed(machine)
    const damaged = which === "transcript" ? `${base}.jsonl` : (filesBelow(`${base}.files`)[0] ?? "")
    flip(damaged)
    const bytes = readFileSync(damaged)
    const answer = await again()
    expect(answer.status).toBe("verified")
    expect(answer.warnings.join()).toContain(damaged)
    expect(readFileSync(damaged)).toEqual(bytes)
    expect(committed(machine)).toHaveLength(2)
  },
)

test("an export that fits the session but not its manifest is not relied on", async () => {
  const [base = ""] = committed(machine)
  for (const path of [transcript, `${base}.jsonl`]) flip(path)
  expect(await again()).toMatchObject({ status: "verified", warnings: [expect.stringContaining(base)] })
})

test("an export of which a file is missing, cut off or a hard link to the source is none", async () => {
  for (const spoil of [
    (path: string) => rmSync(path),
    (path: string) => writeFileSync(path, ""),
    (path: string) => {
      rmSync(path)
      linkSync(`${dirname(transcript)}/${id}/subagents/agent-1.jsonl`, path)
    },
  ]) {
    spoil(filesBelow(`${committed(machine).at(-1)}.files`)[0] ?? "")
    expect(await again()).toMatchObject({
      status: "verified",
      warnings: expect.arrayContaining([expect.stringContaining("agent-1")]),
    })
  }
})

test("a manifest whose files lie outside its export proves nothing", async () => {
  const [base = ""] = committed(machine)
  const manifest = manifestOf(base)
  machine.write(`${machine.root}/elsewhere`, readFileSync(manifest.files[1].source))
  manifest.files[1].path = `${base.split("/").at(-1)}.files/../../../elsewhere`
  writeFileSync(`${base}.manifest.json`, JSON.stringify(manifest))
  expect((await again()).status).toBe("verified")
})

test("a new file in the footprint makes a new export", async () => {
  machine.write(`${dirname(transcript)}/${id}/subagents/agent-2.jsonl`, "{}\n")
  expect(await again()).toMatchObject({ status: "verified", files: 3 })
  expect(brokenGuarantees(machine)).toEqual([])
})

test("an archive's copy counts too, and a broken manifest does not", async () => {
  const [base = ""] = committed(machine)
  writeFileSync(`${base}.manifest.json`, '{"format":')
  expect((await again()).status).toBe("verified")
  const archive = pendingOf(machine).replace("pending", "archive")
  Bun.spawnSync(["mv", pendingOf(machine), archive])
  expect(await again()).toMatchObject({ status: "unchanged", path: expect.stringContaining(archive) })
})

test.if(hasStrace)(
  "re-exporting an unchanged session reads it, its copy, and nothing else of size",
  async () => {
    const { answer, calls } = await traced(
      machine,
      ["export", id, "--verify", "--json"],
      ["pread64", "pwrite64", "mkdir", "link"],
    )
    expect(answer.json.exports[0].status).toBe("unchanged")
    const reads = calls.filter(({ name, line }) => name === "pread64" && line.includes(machine.root))
    const [base = ""] = committed(machine)
    const allowed = [transcript, dirname(transcript), `${base}.jsonl`, `${base}.files`]
    for (const { line } of reads) expect(allowed.some((path) => line.includes(`<${path}`))).toBe(true)
    expect(reads.filter(({ line }) => line.includes(base))).toHaveLength(2)
    expect(
      calls.filter(({ name, line }) => name !== "pread64" && name !== "mkdir" && line.includes(machine.data)),
    ).toEqual([])
  },
)
