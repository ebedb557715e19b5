/** Publishes a rendered session as an export is published: staged in a hidden folder, then renamed; 0600. */
import { createHash, randomBytes } from "node:crypto"
import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs"
import * as v from "valibot"
import { RescueError } from "../../domain/errors.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import { hasOwnerExited, ownTag } from "../../rescue/io/owner-tag.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFile,
  flushFolder,
  makeFolder,
  makeFolders,
  moveFolder,
  publishFolder,
  writeAll,
} from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"

const recordName = "rendered.json"
const recordFormat = "session-rescue-rendering"

const recordSchema = v.object({
  format: v.literal(recordFormat),
  id: v.string(),
  agent: v.string(),
  title: v.nullable(v.string()),
  firstPrompt: v.nullable(v.string()),
  renderedAt: v.string(),
  messages: v.number(),
  pages: v.number(),
  damaged: v.number(),
  shared: v.boolean(),
  files: v.array(v.object({ name: v.string(), size: v.number(), sha256: v.string() })),
})

/** What a rendering is, beside its files: by it a later run knows that a folder is its own, and the index has its line. */
export type RenderingRecord = v.InferOutput<typeof recordSchema>

/** A folder that is being filled; `publish` gives it its name, `close` removes what is left of it. */
export class RenderingStage {
  readonly #to: string
  readonly #id: string
  readonly #folder: string
  readonly #files: { name: string; size: number; sha256: string }[] = []

  private constructor(to: string, id: string, folder: string) {
    this.#to = to
    this.#id = id
    this.#folder = folder
  }

  static async open(to: string, id: string): Promise<RenderingStage> {
    try {
      makeFolders(to, false)
      if (!statSync(to).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" })
      await sweepStages(to)
      const folder = `${to}/.${id}.${await ownTag()}.${randomBytes(4).toString("hex")}.rendering`
      makeFolder(folder)
      return new RenderingStage(to, id, folder)
    } catch (error) {
      throw toWriteError(error, to)
    }
  }

  async add(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text)
    await writeNew(`${this.#folder}/${name}`, bytes)
    this.#files.push({ name, size: bytes.length, sha256: checksumOf(bytes) })
  }

  /** Returns the folder. An earlier rendering is replaced if nobody has changed it; anything else is refused. */
  async publish(about: Omit<RenderingRecord, "format" | "id" | "files">): Promise<string> {
    const target = `${this.#to}/${this.#id}`
    const record = { format: recordFormat, id: this.#id, ...about, files: this.#files }
    await writeNew(`${this.#folder}/${recordName}`, Buffer.from(`${JSON.stringify(record, null, 2)}\n`))
    flushFolder(this.#folder)
    const isThere = lstatSync(target, { throwIfNoEntry: false }) !== undefined
    // safety: rendering-ours
    if (isThere && readUnchanged(target) === null) throw taken(target)
    const old = `${this.#folder}.old`
    try {
      if (isThere) moveFolder(target, old)
      if (publishFolder(this.#folder, target) === "taken") throw taken(target)
    } catch (error) {
      if (isThere && publishFolder(old, target) === "taken")
        throw new RescueError("CANNOT_WRITE", `the earlier rendering is now ${old}`, "rename it yourself")
      throw toWriteError(error, target)
    }
    flushFolder(this.#to)
    if (isThere) discard(old)
    return target
  }

  close(): void {
    discard(this.#folder)
  }
}

function taken(target: string): RescueError {
  return new RescueError(
    "REFUSED",
    `${target} exists and is not, or no longer, what render wrote`,
    `move it away, or render to another folder: session-rescue render SESSION --to ${singleQuote(`${target}-2`)}`,
  )
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const fd = createFile(path)
    try {
      writeAll(fd, bytes, 0)
      await flushFile(fd)
    } finally {
      closeFile(fd)
    }
  } catch (error) {
    throw toWriteError(error, path)
  }
}

/** The record of a rendering whose files are all there, unchanged, and no others; null otherwise. */
function readUnchanged(folder: string): RenderingRecord | null {
  const record = readRecord(folder)
  if (record === null) return null
  try {
    const names = readdirSync(folder).toSorted()
    const expected = [recordName, ...record.files.map(({ name }) => name)].toSorted()
    if (names.length !== expected.length || names.some((name, at) => name !== expected[at])) return null
    const same = record.files.every(({ name, size, sha256 }) => {
      const stat = lstatSync(`${folder}/${name}`)
      return stat.isFile() && stat.size === size && checksumOf(readFileSync(`${folder}/${name}`)) === sha256
    })
    return same ? record : null
  } catch {
    return null
  }
}

function readRecord(folder: string): RenderingRecord | null {
  try {
    const path = `${folder}/${recordName}`
    if (!lstatSync(folder).isDirectory() || !lstatSync(path).isFile()) return null
    return v.parse(recordSchema, JSON.parse(readFileSync(path, "utf8")))
  } catch {
    return null
  }
}

/** Every rendering in a folder, the newest first. */
export function readRenderings(to: string): readonly RenderingRecord[] {
  const records = readdirSync(to).flatMap((name) => {
    const record = name.startsWith(".") ? null : readRecord(`${to}/${name}`)
    return record === null || record.id !== name ? [] : [record]
  })
  return records.toSorted((a, b) => (a.renderedAt < b.renderedAt ? 1 : -1))
}

const stagePattern = /^\.[0-9A-Za-z-]{1,64}\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.rendering$/

/** Removes what dead runs left: everything in it can be rendered again. An `.old` is a whole rendering and stays. */
async function sweepStages(to: string): Promise<void> {
  for (const name of readdirSync(to)) {
    const owner = stagePattern.exec(name)?.[1]
    if (owner !== undefined && (await hasOwnerExited(owner))) discard(`${to}/${name}`)
  }
}

export function checksumOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex")
}
