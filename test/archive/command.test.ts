/** What a person sees of the archive and queue commands, from the compiled binary. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  appendFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { namesIn } from "../export/export-invariants.ts"
import { tree } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { ArchiveFixtures, failures } from "./archive-fixtures.ts"

let machine: ArchiveFixtures
beforeEach(async () => {
  machine = new ArchiveFixtures()
  await machine.stock(3)
})
afterEach(() => machine.dispose())

const first = () => machine.names[0] ?? ""

test("what is archived is COMPLETED, and an export of it is the archive, proved again", async () => {
  const { json } = await machine.run(["archive", "--json"])
  expect(json).toMatchObject({ schemaVersion: 1, interrupted: false, dryRun: false, warnings: [] })
  expect(json.exports.map((each: { name: string }) => each.name)).toEqual([...machine.names])
  expect([...machine.broken(), ...machine.leftOver()]).toEqual([])
  const status = await machine.run(["status", "--all", "--json"])
  const states = status.json.sessions.map(
    (each: { state: string; detail: string }) => `${each.state} ${each.detail}`,
  )
  expect(states).toEqual(Array(3).fill("COMPLETED archived"))
  const again = await machine.run(["export", "--all", "--json"])
  for (const each of again.json.exports) {
    expect(each).toMatchObject({
      status: "unchanged",
      path: expect.stringMatching(/archive-anthropic\/.*\.jsonl\.zst$/),
    })
  }
  expect(namesIn(machine.pending)).toEqual([])
})

test("a session that goes on after it was archived is not COMPLETED, and is saved anew", async () => {
  await machine.run(["archive"])
  const id = first().slice(21, 57)
  appendFileSync(machine.transcriptPath(id, "/work/one"), '{"type":"user"}\n')
  const status = await machine.run(["status", "--all", "--json"])
  const [state] = status.json.sessions.filter((each: { id: string }) => each.id === id)
  expect(state.state).toBe("ORPHANED")
  expect((await machine.run(["export", id, "--json"])).json.exports[0].status).toBe("verified")
})

test.each([
  ["gone", (path: string) => rmSync(path)],
  ["cut short", (path: string) => truncateSync(path, 10)],
])("a session whose archive is %s is not COMPLETED", async (_, spoil) => {
  await machine.run(["archive"])
  spoil(join(machine.archive, `${first()}.jsonl.zst`))
  const { json } = await machine.run(["status", "--all", "--json"])
  const id = first().slice(21, 57)
  const state = json.sessions.find((each: { id: string }) => each.id === id).state
  expect(state).toBe("ORPHANED")
})

test("--dry-run says what would happen and writes nothing; one export can be named", async () => {
  const before = tree(machine.data)
  const dry = await machine.run(["archive", "--dry-run"])
  expect(dry.stdout).toContain("3 exports would be moved to")
  expect(tree(machine.data)).toEqual(before)
  const id = first().slice(21, 29)
  const one = await machine.run(["archive", id, "--json"])
  expect(one.json.exports.map((each: { name: string }) => each.name)).toEqual([first()])
  const unknown = await machine.run(["archive", "deadbeef", "--json"])
  expect([unknown.code, unknown.json.error.code]).toEqual([3, "EXPORT_NOT_FOUND"])
})

test.each([
  ["archive", 1], // it is not processed yet, and only that is archived
  ["cx", 0],
] as const)("%s takes the title of a session; one that several have is listed", async (verb, code) => {
  const { json } = await machine.run([verb, "/work/one", "--json"])
  expect(json.error).toMatchObject({
    code: "AMBIGUOUS",
    message: expect.stringContaining(`session-rescue ${verb} `),
  })
  const id = sessionId(9)
  const talk = { id, cwd: "/work/nine", at: new Date(), prompt: "paint the boathouse" }
  machine.transcript(id, { cwd: talk.cwd, text: conversation(talk) })
  await machine.run(["export", id])
  const one = await machine.run([verb, "boathouse", "--json"])
  expect([one.code, one.json.exports.map((each: { id: string }) => each.id)]).toEqual([code, [id]])
})

test("queue shows what waits, and writes nothing", async () => {
  machine.write(join(machine.pending, "2026-01-31T00-00-00Z-LOSSLESS-session.jsonl"), "{}\n")
  rmSync(join(machine.pending, `${first()}.jsonl`))
  const before = tree(machine.data)
  const { json } = await machine.run(["queue", "--json"])
  expect(json.exports.map((each: { kind: string }) => each.kind)).toEqual([
    "foreign",
    "broken",
    "export",
    "export",
  ])
  const { stdout } = await machine.run(["queue"])
  expect(stdout).toContain("copied manually")
  expect(stdout).toContain("its .jsonl is missing")
  expect(tree(machine.data)).toEqual(before)
})

test("a damaged one is said to be, stays, and holds up no other", async () => {
  const [one = "", two = ""] = machine.names
  const path = join(machine.pending, `${two}.jsonl`)
  writeFileSync(
    path,
    readFileSync(path).map((byte, n) => (n === 9 ? 120 : byte)),
  )
  writeFileSync(join(machine.pending, `${one}.manifest.json`), "{")
  const answer = await machine.run(["archive", "--json"])
  expect(answer.code).toBe(1)
  expect(failures(answer).map(({ code }) => code)).toEqual(["DAMAGED", "DAMAGED"])
  expect(
    failures(answer)
      .map(({ message }) => message)
      .join(),
  ).toMatch(/manifest cannot be read.*does not match its manifest/)
  expect(namesIn(machine.archive).filter((name) => name.endsWith(".archive.json"))).toHaveLength(1)
  expect(namesIn(machine.pending).filter((name) => name.endsWith(".jsonl"))).toHaveLength(2)
  expect((await machine.run(["archive"])).stdout).toContain("FAILED")
})

test("a transcript that another tool has moved to the archive, under a name of its own, is known by its bytes", async () => {
  const { archive, pending } = machine
  await machine.run(["archive", machine.names[2] ?? ""])
  const moved = join(archive, "processed-by-cx.jsonl")
  renameSync(join(pending, `${first()}.jsonl`), moved)
  const queue = await machine.run(["queue", "--json"])
  expect(queue.json.exports[0]).toMatchObject({ kind: "taken", name: first(), takenTo: moved })
  const answer = await machine.run(["archive", "--json"])
  expect([answer.code, failures(answer)]).toEqual([0, []])
  expect(machine.broken()).toEqual([])
  expect(namesIn(pending)).toEqual([])
  expect(namesIn(archive)).toContain("processed-by-cx.jsonl")
})

test("a .jsonl copied by hand becomes an export, whatever its name, and is archived", async () => {
  const id = first().slice(21, 57)
  const source = machine.transcriptPath(id, "/work/one")
  for (const name of machine.names) {
    for (const ending of [".jsonl", ".manifest.json", ".files", ".queue"]) {
      rmSync(join(machine.pending, name + ending), { recursive: true, force: true })
    }
  }
  cpSync(source, join(machine.pending, "2026-01-31T10-00-00Z-LOSSLESS-session.jsonl"), {
    preserveTimestamps: true,
  })
  machine.write(join(machine.pending, "notes.jsonl"), '{"a":1}\n')
  symlinkSync(source, join(machine.pending, "link.jsonl"))
  const answer = await machine.run(["archive", "--json"])
  expect(answer.code).toBe(1)
  expect(
    failures(answer)
      .map(({ message }) => message)
      .join(),
  ).toMatch(/link.*not a plain file.*notes\.jsonl.*no record in it names a session/)
  machine.markProcessed() // it waits for cx, like any other
  expect((await machine.run(["archive", id, "--json"])).code).toBe(0)
  expect(namesIn(machine.pending)).toEqual(["link.jsonl", "notes.jsonl"])
  const [record = ""] = namesIn(machine.archive).filter((name) => name.endsWith(".manifest.json"))
  const manifest = JSON.parse(readFileSync(join(machine.archive, record), "utf8"))
  expect(manifest.session).toMatchObject({ id, detail: "external copy", cwd: "/work/one" })
  expect(manifest.files[0].relative).toBe(`projects/-work-one/${id}.jsonl`)
  const packed = join(machine.archive, record.replace(".manifest.json", ".jsonl.zst"))
  expect(Bun.spawnSync(["zstd", "-dcq", packed]).stdout.equals(readFileSync(source))).toBe(true)
})

test("an archiver that is not there, and one chosen in the config file", async () => {
  const config = join(machine.home, ".config/session-rescue/config.toml")
  machine.write(config, 'archiver = "archive-tape"\n')
  const answer = await machine.run(["archive", "--json"])
  expect([answer.code, answer.json.error.code]).toEqual([1, "PLUGIN_FAILED"])
  machine.write(config, 'archiver = "archive-move"\n')
  expect((await machine.run(["archive"])).code).toBe(0)
  expect([...machine.broken(), ...machine.leftOver()]).toEqual([])
  expect(namesIn(machine.archive)).toContain(`${first()}.jsonl`)
  const again = await machine.run(["export", "--all", "--json"])
  expect(again.json.exports.map((each: { status: string }) => each.status)).toEqual(
    Array(3).fill("unchanged"),
  )
})

test("two runs at once: each export is archived once, and neither run calls that a failure", async () => {
  const runs = await Promise.all([1, 2, 3].map(() => machine.run(["archive", "--json"])))
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0])
  expect([...machine.broken(), ...machine.leftOver()]).toEqual([])
  const archived = runs.flatMap(({ json }) =>
    json.exports.flatMap((each: { archived: string | null; name: string }) =>
      each.archived === null ? [] : each.name,
    ),
  )
  expect(archived.toSorted()).toEqual([...machine.names])
})
