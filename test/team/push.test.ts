/** What leaves a machine, what arrives, and what does not, from the compiled binary and a shared folder. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { binary } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { SharedStore, TeamMachine } from "./team-machine.ts"

let store: SharedStore
let alice: TeamMachine
let bob: TeamMachine
beforeEach(async () => {
  store = new SharedStore()
  alice = new TeamMachine(store, "alice")
  bob = new TeamMachine(store, "bob")
  await alice.archive(2)
})
afterEach(async () => {
  await alice.dispose()
  await bob.dispose()
  store.dispose()
})

test("without [team] nothing leaves, and the hint says what is missing", async () => {
  rmSync(join(alice.home, ".config/session-rescue/config.toml"))
  const { code, stderr } = await alice.run(["push", "--yes"])
  expect(code).toBe(2)
  expect(stderr).toContain("no team is set up")
  expect(store.objects()).toEqual([])
})

test("nobody has agreed: nothing is sent; a new project, or a new place, is asked for again", async () => {
  const refused = await alice.run(["push", "--json"])
  expect([refused.code, refused.json.error.code, store.objects()]).toEqual([4, "REFUSED", []])
  expect(await alice.pushed()).toEqual(["pushed", "pushed"])
  expect((await alice.run(["push", "--json"])).code).toBe(0)
  alice.configure("", '["/work", "/other"]')
  expect((await alice.run(["push", "--json"])).code).toBe(4)
})

test("one pushes, the other pulls: byte for byte the same archive, that verify and restore take", async () => {
  const { code, json } = await alice.push()
  expect([code, json.owner, json.encrypted, json.stopped]).toEqual([0, "alice", false, null])
  expect(json.exports.map(({ status }: { status: string }) => status)).toEqual(["pushed", "pushed"])
  for (const n of [1, 2]) {
    const pulled = await bob.run(["pull", sessionId(n), "--json"])
    expect([pulled.code, pulled.json.exports[0].status, pulled.json.exports[0].owner]).toEqual([
      0,
      "pulled",
      "alice",
    ])
  }
  expect(bob.archived()).toEqual(alice.archived())
  expect(
    (await bob.run(["verify", "--json"])).json.exports.map(({ state }: { state: string }) => state),
  ).toEqual(["whole", "whole"])
  const original = readFileSync(alice.transcriptPath(sessionId(1), "/work/one"))
  const restored = await bob.run(["restore", sessionId(1), "--to", join(bob.root, "out"), "--json"])
  expect(restored.code).toBe(0)
  const [path = ""] = [...new Bun.Glob("**/*.jsonl").scanSync(join(bob.root, "out"))]
  expect(readFileSync(join(bob.root, "out", path))).toEqual(original)
  expect(
    (await bob.run(["pull", "--project", "/work", "--json"])).json.exports.map(
      ({ status }: { status: string }) => status,
    ),
  ).toEqual(["there", "there"])
})

test("a second push sends nothing, also where what was noted is lost", async () => {
  await alice.push()
  const before = store.objects()
  expect(await alice.pushed()).toEqual(["there", "there"])
  rmSync(join(alice.data, "team"), { recursive: true })
  expect(await alice.pushed()).toEqual(["there", "there"])
  expect(store.objects().filter((name) => name.startsWith("v1/u/"))).toEqual(
    before.filter((name) => name.startsWith("v1/u/")),
  )
})

test("only projects of [team] leave; what is excluded or marked as private stays", async () => {
  const root = join(alice.root, "work")
  for (const each of ["open", "closed/deep", "hidden/deep", "linked"])
    mkdirSync(join(root, each), { recursive: true })
  writeFileSync(join(root, "hidden/.session-rescue-private"), "")
  rmSync(join(root, "linked"), { recursive: true })
  symlinkSync(join(root, "closed/deep"), join(root, "linked"))
  await alice.archive(1, join(root, "open"), 11)
  await alice.archive(1, join(root, "closed/deep"), 12)
  await alice.archive(1, join(root, "hidden/deep"), 13)
  await alice.archive(1, join(root, "linked"), 14)
  alice.configure(`exclude = ["${root}/closed"]`, `["${root}"]`)
  const { json } = await alice.push()
  expect(json.exports.map(({ id }: { id: string }) => id)).toEqual([sessionId(11)])
  expect(json.kept).toEqual({ outside: 2, excluded: 2, private: 1, pulled: 0, pending: 0, unarchived: 0 })
})

test("an offline week loses nothing and asks nothing: what waited goes when the store is back", async () => {
  await alice.push()
  store.unmount()
  await alice.archive(1, "/work/one", 3)
  for (let day = 0; day < 7; day++) {
    const { code, json } = await alice.push()
    expect([code, json.stopped.code]).toEqual([1, "STORE_UNAVAILABLE"])
    expect(json.exports.map(({ status }: { status: string }) => status)).toEqual(["later", "later", "later"])
  }
  const status = await alice.run(["team", "status", "--json"])
  expect([status.json.pushed.length, status.json.waiting.length]).toEqual([2, 1])
  store.mount()
  expect(await alice.pushed()).toEqual(["there", "there", "pushed"])
})

test("what is no longer what was archived is not pushed", async () => {
  const [name = ""] = Object.keys(alice.archived()).filter((each) => each.endsWith(".jsonl.zst"))
  const path = alice.archiveFolder + name
  const bytes = readFileSync(path)
  bytes[20] = (bytes[20] ?? 0) ^ 1
  writeFileSync(path, bytes)
  const { code, json } = await alice.push()
  expect(code).toBe(1)
  expect(json.exports.map(({ status }: { status: string }) => status)).toEqual(["failed", "pushed"])
  expect(json.exports[0].error.code).toBe("DAMAGED")
  expect(store.objects().filter((each) => each.endsWith("/archive.json")).length).toBe(1)
})

test("something else under the name of an object is a conflict, and stays as it is", async () => {
  await alice.push()
  const commit = store.find(`${sessionId(1)}-LOSSLESS-session/archive.json`)
  rmSync(commit)
  const packed = store.find(`${sessionId(1)}-LOSSLESS-session.jsonl.zst`)
  const bytes = readFileSync(packed)
  bytes[20] = (bytes[20] ?? 0) ^ 1
  writeFileSync(packed, bytes)
  const { code, json } = await alice.push()
  expect(code).toBe(4)
  expect(json.exports.map(({ status }: { status: string }) => status)).toEqual(["conflict", "there"])
  expect([existsSync(commit), readFileSync(packed)]).toEqual([false, bytes])
})

test("another archive committed under the same owner and name is a conflict", async () => {
  await alice.push()
  rmSync(join(alice.data, "team"), { recursive: true })
  const commit = store.find(`${sessionId(1)}-LOSSLESS-session/archive.json`)
  const other = { ...JSON.parse(readFileSync(commit, "utf8")), recordSha256: "0".repeat(64) }
  writeFileSync(commit, JSON.stringify(other))
  expect(await alice.pushed()).toEqual(["conflict", "there"])
})

test("what two machines of one owner have of the same archive is pushed once", async () => {
  const twin = new TeamMachine(store, "alice")
  try {
    await alice.push()
    await twin.run(["pull", "--project", "/work"])
    expect(await twin.pushed()).toEqual(["there", "there"])
  } finally {
    await twin.dispose()
  }
})

test("what was pulled from another owner is not pushed as one's own, so forget leaves no copy", async () => {
  await alice.push()
  await bob.archive(1, "/work/two", 3)
  await bob.run(["pull", "--project", "/work"])
  const { json } = await bob.push()
  expect(json.exports.map(({ id }: { id: string }) => id)).toEqual([sessionId(3)])
  expect(json.kept.pulled).toBe(2)
  expect((await bob.run(["push", "--dry-run"])).stdout).toContain("2 pulled from others, theirs to push")
  await alice.run(["forget", sessionId(1)])
  expect(store.objects().filter((name) => name.includes(`${sessionId(1)}-LOSSLESS`))).toEqual([])
  // alice pulls what bob has: what she pushed herself stays hers
  await alice.run(["pull", "--project", "/work"])
  expect(await alice.pushed()).toEqual(["forgotten", "there"])
})

test("what cannot be noted as another owner's is not pulled", async () => {
  await alice.push()
  mkdirSync(join(bob.data, "team/audit.jsonl"), { recursive: true })
  const { code, json } = await bob.run(["pull", sessionId(1), "--json"])
  expect([code, json.exports[0].status, existsSync(bob.archiveFolder)]).toEqual([1, "failed", false])
})

test("push --watch sends what is archived later, waits for a store that is away, and keeps to the config", async () => {
  const { child, rounds } = pushAndWatch()
  const next = async () => {
    const { value } = await rounds.next()
    return [value.stopped?.code ?? null, ...value.exports.map(({ status }: { status: string }) => status)]
  }
  expect(await next()).toEqual([null, "pushed", "pushed"])
  await alice.archive(1, "/work/one", 3)
  expect(await next()).toEqual([null, "there", "there", "pushed"])
  store.unmount()
  await alice.archive(1, "/work/one", 4)
  expect(await next()).toEqual(["STORE_UNAVAILABLE", "later", "later", "later", "later"])
  store.mount()
  expect(await next()).toEqual([null, "there", "there", "there", "pushed"])
  // a project that is taken out of the config no longer leaves, and nobody has agreed to another one
  alice.configure("", '["/other"]')
  await alice.archive(1, "/work/one", 5)
  expect(await child.exited).toBe(4)
  expect(store.objects().filter((name) => name.includes(`/${sessionId(5)}/`))).toEqual([])
})

test("push --watch ends with Ctrl-C", async () => {
  const { child, rounds } = pushAndWatch()
  await rounds.next()
  process.kill(child.pid, "SIGINT")
  expect(await child.exited).toBe(130)
})

/** What it prints comes through a pipe with a name: what `start` starts has no standard output of its own. */
function pushAndWatch() {
  const pipe = join(alice.root, "printed")
  Bun.spawnSync(["mkfifo", pipe])
  const script = `exec "$0" push --watch --yes --json > ${pipe}`
  const child = alice.start(["sh", "-c", script, binary], { env: { SESSION_RESCUE_DATA: alice.data } })
  return { child, rounds: jsonLines(createReadStream(pipe)) }
}

async function* jsonLines(stream: AsyncIterable<Uint8Array>) {
  let text = ""
  for await (const bytes of stream) {
    text += Buffer.from(bytes)
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n")) {
      yield JSON.parse(text.slice(0, at))
      text = text.slice(at + 1)
    }
  }
}

describe("an object that changed in the store", () => {
  const damages = {
    "a flipped bit": (path: string) => {
      const bytes = readFileSync(path)
      bytes[20] = (bytes[20] ?? 0) ^ 1
      writeFileSync(path, bytes)
    },
    "a cut-off end": (path: string) => truncateSync(path, 30),
    "more bytes": (path: string) => appendFileSync(path, "x"),
    "its absence": (path: string) => rmSync(path),
  }
  test.each(Object.entries(damages))("%s is found by verify, and never pulled", async (_, damage) => {
    await alice.push()
    damage(store.find(`${sessionId(1)}-LOSSLESS-session.jsonl.zst`))
    const verified = await alice.run(["verify", "--remote", "--all", "--json"])
    expect(verified.code).toBe(1)
    const states = Object.fromEntries(
      verified.json.remote.map(({ id, state }: { id: string; state: string }) => [id, state]),
    )
    expect(states).toEqual({ [sessionId(1)]: "damaged", [sessionId(2)]: "whole" })
    const pulled = await bob.run(["pull", sessionId(1), "--json"])
    expect([pulled.code, pulled.json.exports[0].status, pulled.json.exports[0].error.code]).toEqual([
      1,
      "failed",
      "DAMAGED",
    ])
    expect(bob.archived()).toEqual({})
  })
})

test("forget removes a session there, keeps it here, and no machine pushes it again", async () => {
  await alice.push()
  const dry = await alice.run(["forget", sessionId(1), "--dry-run", "--json"])
  expect([dry.code, dry.json.removed.length, dry.json.tombstone]).toEqual([0, 4, false])
  const { code, json } = await alice.run(["forget", sessionId(1), "--json"])
  expect([code, json.removed.length, json.left, json.tombstone]).toEqual([0, 4, [], true])
  expect(await alice.pushed()).toEqual(["forgotten", "there"])
  const status = await alice.run(["team", "status", "--json"])
  const ids = (key: string) => status.json[key].map(({ id }: { id: string }) => id)
  expect([ids("pushed"), ids("waiting"), ids("forgotten")]).toEqual([[sessionId(2)], [], [sessionId(1)]])
  expect((await bob.run(["pull", sessionId(1), "--json"])).code).toBe(3)
  expect(Object.keys(alice.archived()).filter((name) => name.includes(sessionId(1))).length).toBe(3)
})

test("each push, pull and forget is in the audit trail, here and there", async () => {
  await alice.push()
  await alice.run(["forget", sessionId(1)])
  await bob.run(["pull", sessionId(2)])
  const trail = (machine: TeamMachine) =>
    readFileSync(join(machine.data, "team/audit.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).act)
  expect(trail(alice)).toEqual(["push", "push", "forget"])
  expect(trail(bob)).toEqual(["pull"])
  expect(store.objects().filter((name) => name.startsWith("v1/audit/alice/")).length).toBe(2)
})

test("a link that somebody put into the shared folder is not followed", async () => {
  await alice.push()
  const folder = dirname(store.find(`${sessionId(1)}-LOSSLESS-session/archive.json`))
  renameSync(folder, join(store.folder, "elsewhere"))
  symlinkSync(join(store.folder, "elsewhere"), folder)
  const { json } = await bob.run(["pull", sessionId(1), "--owner", "alice", "--json"])
  expect(json.error.code).toBe("EXPORT_NOT_FOUND")
  rmSync(join(alice.data, "team"), { recursive: true })
  expect(await alice.pushed()).toEqual(["failed", "there"])
})

test("a secret in config.toml is refused, and nothing is pushed", async () => {
  const config = join(alice.home, ".config/session-rescue/config.toml")
  appendFileSync(config, 'secret_key = "abc"\n')
  const { code, stderr } = await alice.run(["push", "--yes"])
  expect(code).toBe(2)
  expect(stderr).toContain("no team is set up")
  expect((await alice.run(["queue", "--json"])).json.warnings.join()).toContain("looks like a secret")
})

test("with recipients, the store holds ids only; who has an identity pulls, and nobody else", async () => {
  const identity = await generateX25519Identity()
  alice.configure(`recipients = ["${await identityToRecipient(identity)}"]`)
  expect(await alice.pushed()).toEqual(["pushed", "pushed"])
  const sealed = store.objects().filter((name) => name.startsWith("v1/u/") && !name.endsWith("/archive.json"))
  expect(sealed.length).toBe(6)
  for (const name of sealed) {
    expect(name).toMatch(/\/[0-9a-f]{64}\.age$/)
    expect(readFileSync(join(store.folder, name), "latin1")).toStartWith("age-encryption.org/v1\n")
  }
  const without = await bob.run(["pull", sessionId(1), "--json"])
  expect([without.code, without.json.exports[0].error.code]).toEqual([1, "STORE_REFUSED"])
  const path = join(bob.home, ".config/session-rescue/team-identity.txt")
  writeFileSync(path, `${await generateX25519Identity()}\n`, { mode: 0o600 })
  const other = await bob.run(["pull", sessionId(1), "--json"])
  expect(other.code).toBe(1)
  writeFileSync(path, `${identity}\n`)
  for (const n of [1, 2]) expect((await bob.run(["pull", sessionId(n), "--json"])).code).toBe(0)
  expect(bob.archived()).toEqual(alice.archived())
  expect(await alice.pushed()).toEqual(["there", "there"])
})
