/** A store that lies, a sender that lies, and what is believed of either. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { silent, silentReporter } from "../../src/domain/progress.ts"
import { openerFor } from "../../src/operations/team/encryption.ts"
import { proveStored } from "../../src/operations/team/prove.ts"
import { pushAll } from "../../src/operations/team/push.ts"
import { objectOf, type Remote } from "../../src/operations/team/remote.ts"
import { readIncoming, receiveArchive } from "../../src/rescue/archive/receive.ts"
import type { StoredObject } from "../../src/sdk/contracts.ts"
import { exportFolders } from "../../src/system/config/paths.ts"
import { sharedFolder } from "../../src/system/net/team-folder.ts"
import { sha256 } from "../export/export-invariants.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { SharedStore, TeamMachine } from "./team-machine.ts"

const sha256Of = (bytes: Uint8Array | string) => sha256(Buffer.from(bytes as never))
const signal = new AbortController().signal

let store: SharedStore
let alice: TeamMachine
let root: string
beforeEach(() => {
  store = new SharedStore()
  alice = new TeamMachine(store, "alice")
  root = mkdtempSync(join(tmpdir(), "prove-"))
})
afterEach(async () => {
  await alice.dispose()
  store.dispose()
  rmSync(root, { recursive: true, force: true })
})

/** A store in memory; `tell` changes what it says of an object, `keep` what it keeps. */
class MemoryStore implements Remote {
  readonly owner = "alice"
  readonly settings = {
    ...{ owner: "alice", projects: ["/work"], exclude: [], store: "memory", recipients: [], identity: null },
    options: {},
    ...{ sink: null, sinkOptions: {} },
  }
  readonly place = "memory"
  readonly key = "memory"
  readonly objects = new Map<string, Buffer>()
  tell = (object: StoredObject): StoredObject | null => object
  keep = (bytes: Buffer): Buffer => bytes

  async put(
    name: string,
    object: { length: number; read(from: number, length: number): Promise<Uint8Array> },
  ) {
    if (this.objects.has(name)) return "exists" as const
    this.objects.set(name, this.keep(Buffer.from(await object.read(0, object.length))))
    return "stored" as const
  }
  async *open(name: string, from = 0) {
    const bytes = this.objects.get(name)
    if (bytes === undefined) throw new Error(`no ${name}`)
    yield bytes.subarray(from)
  }
  async *list(prefix: string) {
    yield [...this.objects].flatMap(([name, { length }]) =>
      name.startsWith(prefix) ? [{ name, length, sha256: null }] : [],
    )
  }
  async head(name: string) {
    const bytes = this.objects.get(name)
    return bytes === undefined ? null : this.tell({ name, length: bytes.length, sha256: null })
  }
  async remove(name: string) {
    this.objects.delete(name)
  }
  async readSmall(name: string) {
    return this.objects.get(name) ?? null
  }
}

const flipped = (bytes: Buffer) => {
  const other = Buffer.from(bytes)
  other[0] = (other[0] ?? 0) ^ 1
  return other
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "believed",
    (error) => error.code,
  )

describe("an object is believed to be stored", () => {
  const object = objectOf(Buffer.from("what was said"))
  const prove = async (remote: MemoryStore) =>
    codeOf(proveStored(remote, "name", object, await remote.put("name", object)))

  test("when it reads back as it was sent, and not otherwise", async () => {
    const remote = new MemoryStore()
    expect(await prove(remote)).toBe("believed")
    const lying = new MemoryStore()
    lying.keep = flipped
    expect(await prove(lying)).toBe("DAMAGED")
  })

  test("when the store's own checksum is that of what was sent, and not otherwise", async () => {
    const remote = new MemoryStore()
    remote.tell = (found) => ({ ...found, sha256: object.sha256 })
    expect(await prove(remote)).toBe("believed")
    const other = new MemoryStore()
    other.tell = (found) => ({ ...found, sha256: "0".repeat(64) })
    expect(await prove(other)).toBe("DAMAGED")
  })

  test("when the checksum of its parts is that of a second read, and not otherwise", async () => {
    const bytes = Buffer.from("what was said")
    const sums = [0, 5, 10].map((from) => Buffer.from(sha256Of(bytes.subarray(from, from + 5)), "hex"))
    const remote = new MemoryStore()
    remote.tell = (found) => ({ ...found, parts: { bytes: 5, sha256: sha256Of(Buffer.concat(sums)) } })
    expect(await prove(remote)).toBe("believed")
    const other = new MemoryStore()
    other.tell = (found) => ({ ...found, parts: { bytes: 5, sha256: "0".repeat(64) } })
    expect(await prove(other)).toBe("DAMAGED")
  })

  test("not when it is not there, or has another length", async () => {
    const gone = new MemoryStore()
    gone.tell = () => null
    expect(await prove(gone)).toBe("DAMAGED")
    const longer = new MemoryStore()
    longer.tell = (found) => ({ ...found, length: found.length + 1 })
    expect(await prove(longer)).toBe("DAMAGED")
  })
})

test("a store that keeps something else gets no commit", async () => {
  await alice.archive(1)
  const remote = new MemoryStore()
  remote.keep = flipped
  const paths = { home: alice.home, config: root, data: alice.data, ...exportFolders(alice.data) }
  const options = { paths, signal, reporter: silentReporter, warn() {}, dryRun: false }
  const { exports } = await pushAll(remote, options)
  expect(exports.map(({ status, error }) => [status, error?.code ?? null])).toEqual([["failed", "DAMAGED"]])
  expect([...remote.objects.keys()].filter((name) => name.endsWith("/archive.json"))).toEqual([])
  remote.objects.clear()
  remote.keep = (bytes) => bytes
  expect((await pushAll(remote, options)).exports.map(({ status }) => status)).toEqual(["pushed"])
})

test("a shared folder gives no name to a file that reads back differently", async () => {
  const folder = sharedFolder(store.folder)
  const object = { ...objectOf(Buffer.from("one")), sha256: sha256Of("two") }
  await expect(folder.create("v1/u/alice/x", object)).rejects.toThrow("reads back differently")
  expect(store.objects()).toEqual([])
  expect(await folder.create("v1/u/alice/x", objectOf(Buffer.from("one")))).toBe("stored")
  expect(await folder.create("v1/u/alice/x", objectOf(Buffer.from("two")))).toBe("exists")
  expect(readFileSync(join(store.folder, "v1/u/alice/x"), "utf8")).toBe("one")
})

/** The archive of one session as another machine would send it. */
async function incoming() {
  await alice.archive(1)
  const name =
    readdirSync(alice.archiveFolder)
      .find((each) => each.endsWith(".archive.json"))
      ?.replace(".archive.json", "") ?? ""
  const read = (ending: string) => readFileSync(join(alice.archiveFolder, name + ending))
  return {
    name,
    record: JSON.parse(read(".archive.json").toString()),
    manifest: JSON.parse(read(".manifest.json").toString()),
  }
}

const asBytes = (document: object) => Buffer.from(JSON.stringify(document))

test.each(["../../../.bashrc", "other-session.jsonl.zst"])(
  "a record that names %s is refused",
  async (path) => {
    const { name, record, manifest } = await incoming()
    const manifestSha256 = sha256Of(asBytes(manifest))
    const of = { session: sessionId(1) as never, name }
    const read = (stored: object[]) =>
      readIncoming(of, asBytes({ ...record, manifestSha256, stored }), asBytes(manifest))
    expect(() => read(record.stored)).not.toThrow()
    expect(() => read([{ ...record.stored[0], path }])).toThrow("not its own")
    const strange = { ...manifest, files: [{ ...manifest.files[0], path }] }
    expect(() =>
      readIncoming(of, asBytes({ ...record, manifestSha256: sha256Of(asBytes(strange)) }), asBytes(strange)),
    ).toThrow("not its own")
  },
)

test("an archive that decodes to something else than its manifest says gets no name", async () => {
  const { name, record, manifest } = await incoming()
  const [file] = manifest.files
  const wrong = { ...manifest, files: [{ ...file, sha256: "0".repeat(64) }] }
  const session = sessionId(1) as never
  const archive = readIncoming(
    { session, name },
    asBytes({ ...record, manifestSha256: sha256Of(asBytes(wrong)) }),
    asBytes(wrong),
  )
  const packed = readFileSync(join(alice.archiveFolder, record.stored[0].path))
  const receive = receiveArchive(session, archive, {
    archive: root,
    progress: silent(signal),
    async *receive() {
      yield packed
    },
    async *decode() {
      yield readFileSync(alice.transcriptPath(sessionId(1), "/work/one"))
    },
    keep: true,
  })
  expect(await codeOf(receive)).toBe("DAMAGED")
  expect(readdirSync(root)).toEqual([])
})

test("an identity that others may read is refused", async () => {
  const identity = join(root, "identity")
  writeFileSync(identity, "AGE-SECRET-KEY-1", { mode: 0o644 })
  chmodSync(identity, 0o644)
  const settings = { ...new MemoryStore().settings, identity }
  async function* sealed() {
    yield Buffer.from("age-encryption.org/v1")
  }
  const open = async () => Array.fromAsync(openerFor(settings, { config: root }).open("age", sealed()))
  await expect(open()).rejects.toThrow("only you can read")
  expect(existsSync(identity)).toBe(true)
})
