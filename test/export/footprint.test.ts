import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { dirname } from "node:path"
import { hasStrace, traced } from "../faults/harness/inject.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { brokenGuarantees, committed, filesBelow, leftovers, manifestOf } from "./export-invariants.ts"

const id = sessionId(1)
let machine: Machine
let transcript: string
let own: string
beforeEach(() => {
  machine = new Machine()
  transcript = machine.transcript(id)
  own = transcript.replace(/\.jsonl$/, "")
})
afterEach(() => machine.dispose())

const run = (...command: string[]) => expect(Bun.spawnSync(command).exitCode).toBe(0)
const saved = async () => {
  const { json } = await machine.run(["export", id, "--json"])
  expect([json.failures, json.exports[0]?.status]).toEqual([[], "verified"])
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
  const [base = ""] = committed(machine)
  return { base, manifest: manifestOf(base), json }
}

test("everything that belongs to the session is saved, and nothing that is shared", async () => {
  const places = [
    `${own}/subagents/agent-1.jsonl`,
    `${own}/subagents/deep/er/agent-2.jsonl`,
    `${own}/tool-results/toolu_1.txt`,
    ...["file-history", "tasks", "session-env", "jobs"].map((name) => `${machine.claude}/${name}/${id}/one`),
    `${machine.claude}/debug/${id}.txt`,
    `${machine.claude}/todos/${id}-agent-${id}.json`,
  ]
  for (const place of places) machine.write(place, `this is ${place}`)
  machine.write(`${machine.claude}/history.jsonl`, "{}\n")
  machine.write(`${machine.claude}/todos/${sessionId(2)}.json`, "[]")
  machine.write(`${machine.claude}/file-history/${sessionId(2)}/one`, "not ours")
  const { base, manifest } = await saved()
  const relative = places.map((place) => place.slice(machine.claude.length + 1)).sort()
  expect(
    manifest.files
      .slice(1)
      .map((file: { relative: string }) => file.relative)
      .sort(),
  ).toEqual(relative)
  expect(filesBelow(`${base}.files`).map((path) => path.slice(base.length + 7))).toEqual(relative)
})

test("links in a footprint are recorded, not followed", async () => {
  machine.write(`${machine.root}/secret`, "not part of it")
  mkdirSync(`${own}/tool-results`, { recursive: true })
  symlinkSync(`${machine.root}/secret`, `${own}/tool-results/link`)
  symlinkSync("/nowhere\n/at all", `${own}/tool-results/dangling`)
  symlinkSync(machine.root, `${own}/tool-results/folder`)
  const { base, manifest } = await saved()
  expect(filesBelow(`${base}.files`)).toEqual([])
  const targets = Object.fromEntries(
    manifest.links.map((link: { source: string; target: string }) => [link.source, link.target]),
  )
  expect(targets).toEqual({
    [`${own}/tool-results/link`]: `${machine.root}/secret`,
    [`${own}/tool-results/dangling`]: "/nowhere\n/at all",
    [`${own}/tool-results/folder`]: machine.root,
  })
  rmSync(`${own}/tool-results/link`)
  symlinkSync("elsewhere", `${own}/tool-results/link`)
  expect((await machine.run(["export", id, "--json"])).json.exports[0].status).toBe("verified")
})

test("a FIFO, a device or a socket in a footprint is named and never opened", async () => {
  mkdirSync(`${own}/tool-results`, { recursive: true })
  run("mkfifo", `${own}/tool-results/fifo`)
  run("mknod", `${own}/tool-results/device`, "c", "1", "5")
  const socket = Bun.listen({ unix: `${own}/tool-results/s`, socket: { data() {} } })
  const names = ["fifo", "device", "s"].map((name) => `${own}/tool-results/${name}`)
  try {
    const { manifest } = await saved()
    expect(manifest.skipped.map((each: { source: string }) => each.source).sort()).toEqual(names.toSorted())
    if (!hasStrace) return
    const { calls } = await traced(machine, ["export", id], ["openat"])
    expect(calls.filter(({ line }) => names.some((name) => line.includes(`"${name}"`)))).toEqual([])
  } finally {
    socket.stop()
  }
})

test.each(["link", "fifo", "device"] as const)(
  "a transcript that is a %s is refused in words, and not waited for",
  async (kind) => {
    rmSync(transcript)
    if (kind === "link") symlinkSync("/etc/passwd", transcript)
    else if (kind === "fifo") run("mkfifo", transcript)
    else run("mknod", transcript, "c", "1", "5")
    const { code, json } = await machine.run(["export", id, "--json"])
    expect([code, json.exports]).toEqual([1, []])
    expect(json.failures[0].code).toBe(kind === "link" ? "SOURCE_IS_LINK" : "SOURCE_NOT_REGULAR")
    expect(json.failures[0].message).toContain(transcript)
    expect([...committed(machine), ...leftovers(machine)]).toEqual([])
  },
)

test("a folder where the transcript should be is no session, and stops nothing", async () => {
  rmSync(transcript)
  mkdirSync(transcript)
  machine.transcript(sessionId(2))
  expect((await machine.run(["export", id])).code).toBe(3)
  expect((await machine.run(["export", "--all", "--json"])).json.exports).toHaveLength(1)
})

test("a session of which only subagents are left is saved", async () => {
  machine.write(`${own}/subagents/agent-1.jsonl`, '{"a":1}\n')
  rmSync(transcript)
  const { base, manifest, json } = await saved()
  expect(readFileSync(`${base}.jsonl`)).toHaveLength(0)
  expect(manifest.session.transcript).toBeNull()
  expect(json.exports[0]).toMatchObject({ bytes: 8, files: 1, sha256: null })
  expect((await machine.run(["export", id, "--json"])).json.exports[0].status).toBe("unchanged")
})

test("a footprint of links alone is saved", async () => {
  mkdirSync(`${own}/subagents`, { recursive: true })
  symlinkSync("/elsewhere", `${own}/subagents/link`)
  rmSync(transcript)
  expect((await saved()).manifest.links).toHaveLength(1)
  expect(dirname(own)).toBe(dirname(transcript))
})
