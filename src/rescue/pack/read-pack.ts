import { RescueError } from "../../domain/errors.ts"
import { parseExportName } from "../../domain/export/export.ts"
import { safePathParts } from "../../domain/export/recorded-path.ts"
import { decompressStream } from "../../system/fs/zstd.ts"
import { readRegularFile } from "../catalog/export-files.ts"
import { ByteQueue } from "./byte-queue.ts"
import { damagedPack, parsePax, parseTarHeader, refusedHint, tarBlock } from "./tar.ts"
import { indexName, packFormat, sumsName } from "./write-pack.ts"

/** One file of a pack. Its bytes have to be read before the next one. */
export interface PackedFile {
  readonly name: string
  readonly size: number
  /** What its bytes have to add up to. */
  readonly sha256: string
  bytes(): AsyncGenerator<Uint8Array>
}

const maxTextBytes = 64 * 2 ** 20
/** A name has at most some thousand bytes; other programs note times and owners with it. */
const maxPaxBytes = 2 ** 20

/**
 * The files of a pack, in order. Refuses what no pack of this program holds: other than plain files, names that lead
 * outside, names that are not in its list of sums, and a name twice. Throws DAMAGED when one of the list is missing.
 */
export async function* readPack(path: string): AsyncGenerator<PackedFile> {
  const queue = new ByteQueue(decompressStream(readRegularFile(path)))
  const first = await nextHeader(queue)
  if (first?.name !== sumsName) throw notAPack(path)
  const wanted = parseSums((await readText(queue, first.size)).toString())
  const seen = new Set<string>()
  for (let entry = await nextHeader(queue); entry !== null; entry = await nextHeader(queue)) {
    const { name, size } = entry
    const sha256 = wanted.get(name)
    // safety: pack-names
    if (!isOurs(name) || sha256 === undefined || seen.has(name))
      throw new RescueError(
        "REFUSED",
        `the pack holds ${JSON.stringify(name)}, which may not be in it`,
        refusedHint,
      )
    seen.add(name)
    let left = size
    yield {
      name,
      size,
      sha256,
      async *bytes() {
        while (left > 0) {
          const chunk = await queue.some(left)
          left -= chunk.length
          yield chunk
        }
      },
    }
    while (left > 0) left -= (await queue.some(left)).length
    await queue.exactly(padding(size))
  }
  const missing = [...wanted.keys()].find((name) => !seen.has(name))
  if (missing !== undefined) throw damagedPack(`it lacks ${missing}`)
}

const padding = (size: number) => (tarBlock - (size % tarBlock)) % tarBlock

/** A pack holds its own index, and files of exports. */
function isOurs(name: string): boolean {
  if (name === indexName) return true
  if (safePathParts(name) === null) return false
  const [top = "", ...below] = name.split("/")
  const base = top.replace(/\.(jsonl|manifest\.json|files)$/, "")
  return (
    base !== top &&
    parseExportName(base) !== null &&
    (top.endsWith(".files") ? below.length > 0 : below.length === 0)
  )
}

async function nextHeader(queue: ByteQueue): Promise<{ name: string; size: number } | null> {
  let pax: ReadonlyMap<string, string> = new Map()
  for (;;) {
    const entry = parseTarHeader(await queue.exactly(tarBlock))
    if (entry === null) return null
    if (!entry.isPax) {
      const size = Number(pax.get("size") ?? entry.size)
      if (!Number.isSafeInteger(size) || size < 0) throw damagedPack("a header names no size")
      return { name: pax.get("path") ?? entry.name, size }
    }
    // safety: pack-pax-size
    if (entry.size > maxPaxBytes) throw damagedPack("a long name is too long")
    pax = parsePax(await queue.exactly(entry.size))
    await queue.exactly(padding(entry.size))
  }
}

async function readText(queue: ByteQueue, size: number): Promise<Buffer> {
  if (size > maxTextBytes) throw damagedPack("its list of sums is too long")
  const text = Buffer.from(await queue.exactly(size))
  await queue.exactly(padding(size))
  return text
}

function parseSums(text: string): ReadonlyMap<string, string> {
  const sums = new Map<string, string>()
  for (const line of text.split("\n")) {
    const [, sum = "", name = ""] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? []
    if (line !== "" && sum === "") throw damagedPack("its list of sums cannot be read")
    if (sum !== "") sums.set(name, sum)
  }
  return sums
}

function notAPack(path: string): RescueError {
  return new RescueError("USAGE", `${path} is no ${packFormat}`, "give a file that session-rescue pack wrote")
}
