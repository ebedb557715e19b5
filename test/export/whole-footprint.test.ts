/** What carries a session's id in its name, wherever it lies in the home. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { rmSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { isOfSession, listFootprint } from "../../plugins/detect/claude-code/footprint/footprint.ts"
import { parseSessionId, type SessionId } from "../../src/domain/session/session-id.ts"
import type { Context } from "../../src/sdk/context.ts"
import { systemFiles } from "../../src/system/fs/files.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { contents } from "../restore/rescued.ts"
import { brokenGuarantees, committed, leftovers, manifestOf } from "./export-invariants.ts"

const id = sessionId(1)
const other = sessionId(2)
let machine: Machine
let transcript: string
let project: string
beforeEach(() => {
  machine = new Machine()
  transcript = machine.transcript(id)
  project = dirname(transcript)
})
afterEach(() => machine.dispose())

const home = (...places: string[]) => places.map((place) => join(machine.claude, place))
const write = (places: readonly string[]) => {
  for (const place of places) machine.write(place, `this is ${place}`)
}
const relatives = (places: readonly string[]) =>
  places.map((place) => place.slice(machine.claude.length + 1)).sort()

async function saved(): Promise<{ relative: string; tie?: string }[]> {
  const { json } = await machine.run(["export", id, "--json"])
  expect([json.failures, json.exports.map(({ status }: { status: string }) => status)]).toEqual([
    [],
    ["verified"],
  ])
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
  return manifestOf(committed(machine).at(-1) ?? "").files.slice(1)
}

const ours = () =>
  home(
    `image-cache/${id}/1.png`,
    `uploads/${id}/3f-paper.pdf`,
    `projects/-work-two/${id}/tool-results/b1.txt`,
    `projects/-work-two/${id}/subagents/agent-a5.jsonl`,
    `telemetry/1p_failed_events.${id}.${other}.json`,
    `usage-data/session-meta/${id}.json`,
    `not-known-yet/${id}/deep/er/one`,
    `note-${id}`,
  )
const copies = () =>
  [
    `${id} copy.jsonl`,
    `${id}.jsonl.bak`,
    `${id}.sync-conflict-20261120-101010-ABCDEFG.jsonl`,
    `${id} 2/x.txt`,
  ].map((name) => join(project, name))
const theirs = () =>
  home(
    `image-cache/${other}/1.png`,
    `projects/-work-two/${other}.jsonl.bak`,
    `usage-data/session-meta/${other}.json`,
    `commands/${id}.md`,
    `skills/x/${id}.md`,
    `plugins/store/${id}.json`,
    `too/deep/down/${id}`,
    "plans/unrelated.md",
  )

test("all of it is saved, copies are said to be copies, nothing else is saved, and all comes back", async () => {
  write([...ours(), ...copies(), ...theirs()])
  const files = await saved()
  const withTie = (tie: string | undefined) =>
    files.filter((file) => file.tie === tie).map((file) => file.relative)
  expect(withTie(undefined).sort()).toEqual(relatives(ours()))
  expect(withTie("copy").sort()).toEqual(relatives(copies()))
  for (const each of theirs()) rmSync(each)
  rmSync(join(machine.claude, "too"), { recursive: true })
  const before = contents(machine.claude)
  rmSync(machine.claude, { recursive: true })
  expect((await machine.run(["restore", id])).code).toBe(0)
  const after = contents(machine.claude)
  expect([...after.keys()]).toEqual([...before.keys()].filter((place) => after.has(place)))
  for (const place of relatives([transcript, ...ours(), ...copies()]))
    expect(after.get(place)).toBe(before.get(place) ?? "?")
})

test("a session under two project folders is one session, saved from whichever half it is asked for", async () => {
  const half = home(
    `projects/-work-one-tree/${id}/subagents/agent-a5.jsonl`,
    `projects/-z/${id}/tool-results/b.txt`,
  )
  write(half)
  const { json } = await machine.run(["status", "--all", "--json"])
  expect(json.sessions.map((each: { id: string }) => each.id)).toEqual([id])
  expect((await saved()).map(({ relative }) => relative).sort()).toEqual(relatives(half))
})

test("of folders alone, under two project folders, one session is left", async () => {
  write(home(`projects/-a/${id}/tool-results/b.txt`, `projects/-b/${id}/tool-results/c.txt`))
  rmSync(transcript)
  const { json } = await machine.run(["export", "--all", "--json"])
  expect(json.exports.map((each: { files: number }) => each.files)).toEqual([2])
})

test("two transcripts of one id are two places, and each export holds both", async () => {
  const twin = machine.transcript(id, { cwd: "/work/two", age: 3_600_000 })
  const { json } = await machine.run(["export", "--all", "--json"])
  const held = json.exports.map((each: { manifest: string; transcript: string }) =>
    manifestOf(each.manifest.replace(/\.manifest\.json$/, ""))
      .files.map((file: { source: string }) => file.source)
      .sort(),
  )
  expect(held).toEqual([[transcript, twin].sort(), [transcript, twin].sort()])
  expect((await machine.run(["restore", id, "--dry-run"])).code).toBe(0)
})

test("a copy that is made does not make the session look alive", async () => {
  const hours = 5 * 3_600_000
  machine.transcript(id, { age: hours, text: '{"type":"mode"}\n' }) // only the files' times tell
  write(copies())
  const { json } = await machine.run(["status", "--all", "--json"])
  expect(Date.now() - Date.parse(json.sessions[0].lastActivity)).toBeGreaterThan(hours - 60_000)
})

test("copies that come and go do not make exports go different ways", async () => {
  write(copies())
  await saved()
  for (const copy of copies()) rmSync(copy)
  writeFileSync(transcript, `${await Bun.file(transcript).text()}{"type":"mode"}\n`)
  expect((await machine.run(["export", id])).code).toBe(0)
  expect((await machine.run(["restore", id, "--dry-run"])).code).toBe(0)
})

test("the data folder may lie in the home: exports are no part of what they save", async () => {
  const data = join(machine.claude, "kept")
  const run = () => machine.run(["export", id, "--json"], { env: { SESSION_RESCUE_DATA: data } })
  expect((await run()).json.exports[0].files).toBe(1)
  expect((await run()).json.exports[0]).toMatchObject({ status: "unchanged", files: 1 })
  symlinkSync(data, join(machine.claude, "linked"))
  expect((await run()).json.exports[0]).toMatchObject({ status: "unchanged", files: 1 })
})

test("a home is read once, however many sessions are in it", () => {
  const ids = Array.from({ length: 200 }, (_, number) => sessionId(number + 10))
  for (const each of ids)
    write(home(`projects/-p/${each}.jsonl`, `file-history/${each}/a@v1`, `image-cache/${each}/1.png`))
  const files = systemFiles(() => {})
  const read = new Map<string, number>()
  const names = (folder: Parameters<typeof files.names>[0]) => {
    read.set(String(folder), (read.get(String(folder)) ?? 0) + 1)
    return files.names(folder)
  }
  const self = { uid: process.getuid?.() ?? 0 }
  const ctx = {
    files: { ...files, names },
    self,
    cache: new Map(),
    paths: { home: machine.home, data: machine.data },
  } as unknown as Context
  for (const each of ids) {
    const place = join(machine.claude, "projects/-p")
    const id = each as SessionId
    const found = listFootprint(ctx, {
      home: machine.claude,
      id,
      project: place,
      transcript: `${place}/${each}.jsonl`,
      live: false,
      asFound: null,
    })
    expect(found).toHaveLength(3)
  }
  const often = [...read].filter(([folder, count]) => count > 2 && !folder.includes(basename(ids[0] ?? "")))
  expect(often).toEqual([])
})

test("a restore puts nothing where such a session has no place", () => {
  const parsed = parseSessionId(id)
  if (parsed === null) throw new Error("no id")
  const refused = [
    "settings.json",
    "projects",
    `projects/${id}`,
    `projects//${id}.jsonl`,
    `projects/-a/x/${id}`,
    `projects/-a/${other}/${id}`,
    `image-cache/${other}/${id}.png`,
    `a/b/c/${id}`,
    `sessions/${id}`,
    ...theirs().map((place) => place.slice(machine.claude.length + 1)),
  ]
  expect(refused.filter((relative) => isOfSession(relative, parsed))).toEqual([])
  const allowed = relatives([transcript, ...ours(), ...copies()])
  expect(allowed.filter((relative) => !isOfSession(relative, parsed))).toEqual([])
})
