/**
 * Rows of a damaged SQLite database, read page by page: SQLite gives up a table at the first page that is wrong. The format is
 * public (sqlite.org/fileformat2.html).
 */
import type { ByteSource } from "../../domain/transcript/rules.ts"
import { isPageSize, type Log, readLog } from "./log.ts"

export interface Pages {
  readonly size: number
  /** Of a page, without what is reserved at its end. */
  readonly usable: number
  readonly count: number
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be"
  readonly userVersion: number
  readonly applicationId: number
  /** Whether the first page begins as that of a database. */
  readonly hasHeader: boolean
  /** null where the file ends before that page; shorter where it ends in it. */
  page(number: number): Uint8Array | null
}

export interface OpenedPages {
  /** With every page that the log holds, also behind a tear. */
  readonly newest: Pages
  /** As SQLite sees it; the same where the log is whole. */
  readonly committed: Pages
  readonly log: Log | null
  /** Bytes at the end that are no whole page. */
  readonly rest: number
}

const magic = "SQLite format 3\0"

export function isDatabase(source: ByteSource): boolean {
  return source.length >= 16 && Buffer.from(source.read(0, 16)).toString("latin1") === magic
}

export function openPages(file: ByteSource, logFile: ByteSource | null): OpenedPages {
  const log = logFile === null ? null : readLog(logFile)
  const size = sizeIn(file) ?? log?.pageSize ?? guessSize(file)
  const fits = log !== null && log.pageSize === size
  const committed = pagesOf(file, size, fits ? log.committed : new Map())
  const hasMore = fits && log.hidden.size > 0
  const newest = hasMore ? pagesOf(file, size, new Map([...log.committed, ...log.hidden])) : committed
  return { newest, committed, log, rest: file.length % size }
}

function pagesOf(file: ByteSource, size: number, logged: Log["committed"]): Pages {
  const inFile = Math.ceil(file.length / size)
  let count = inFile
  for (const number of logged.keys()) count = Math.max(count, number)
  const page = (number: number): Uint8Array | null => {
    const held = logged.get(number)
    if (held !== undefined) return held()
    const at = (number - 1) * size
    return at >= 0 && at < file.length
      ? new Uint8Array(file.read(at, Math.min(size, file.length - at)))
      : null
  }
  const first = page(1)
  const hasHeader =
    first !== null && first.length >= 100 && Buffer.from(first.subarray(0, 16)).toString("latin1") === magic
  const head = Buffer.from(hasHeader ? first.subarray(0, 100) : new Uint8Array(100))
  const encodings = { 2: "utf-16le", 3: "utf-16be" } as const
  return {
    ...{ size, count, hasHeader, page },
    usable: size - head.readUInt8(20),
    encoding: encodings[head.readUInt32BE(56) as 2 | 3] ?? "utf-8",
    userVersion: head.readUInt32BE(60),
    applicationId: head.readUInt32BE(68),
  }
}

function sizeIn(file: ByteSource): number | null {
  if (!isDatabase(file) || file.length < 100) return null
  const head = file.read(0, 18)
  const size = ((head[16] ?? 0) << 8) | (head[17] ?? 0)
  return size === 1 ? 65_536 : isPageSize(size) ? size : null
}

const usual = 4096
const types = [2, 5, 10, 13]
const maxLooked = 500

/** The smallest size at which about as many pages as at any other begin as one of a tree; most databases have 4096. */
function guessSize(file: ByteSource): number {
  const shares = [512, 1024, 2048, usual, 8192, 16_384, 32_768, 65_536].map((size) => {
    const count = Math.min(maxLooked, Math.floor(file.length / size))
    let like = 0
    for (let number = 1; number < count; number++)
      if (types.includes(file.read(number * size, 1)[0] ?? 0)) like++
    return { size, share: count < 2 ? 0 : like / (count - 1) }
  })
  const best = Math.max(...shares.map(({ share }) => share))
  return best === 0 ? usual : (shares.find(({ share }) => share >= 0.8 * best)?.size ?? usual)
}

/** A first hundred bytes, for a database that lost them: SQLite opens a copy with these. */
export function madeHeader({ size, count }: Pick<Pages, "size" | "count">): Uint8Array {
  const head = Buffer.alloc(100)
  head.set(Buffer.from(magic, "latin1"))
  head.writeUInt16BE(size === 65_536 ? 1 : size, 16)
  for (const [at, byte] of [
    [18, 1],
    [19, 1],
    [21, 64],
    [22, 32],
    [23, 32],
  ] as const)
    head[at] = byte
  for (const [at, value] of [
    [24, 1],
    [28, count],
    [44, 4],
    [56, 1],
    [92, 1],
  ] as const)
    head.writeUInt32BE(value, at)
  return head
}

/** Pages that hold nothing, as far as their list can be read. */
export function freePages(pages: Pages): ReadonlySet<number> {
  const free = new Set<number>()
  const first = pages.page(1)
  if (!pages.hasHeader || first === null) return free
  let trunk = Buffer.from(first).readUInt32BE(32)
  while (trunk !== 0 && !free.has(trunk)) {
    const bytes = pages.page(trunk)
    if (bytes === null || bytes.length < pages.size) break
    free.add(trunk)
    const view = Buffer.from(bytes)
    const count = Math.min(view.readUInt32BE(4), pages.usable / 4 - 2)
    for (let index = 0; index < count; index++) free.add(view.readUInt32BE(8 + 4 * index))
    trunk = view.readUInt32BE(0)
  }
  return free
}
