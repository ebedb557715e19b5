import type { Pages } from "./pages.ts"

/** A value of a row; text as its bytes, so that none is changed. */
export type Value =
  | { readonly type: "null" }
  | { readonly type: "integer"; readonly value: bigint }
  | { readonly type: "real"; readonly value: number }
  | { readonly type: "text" | "blob"; readonly value: Uint8Array }

/** A row of a table, or an entry of an index (whose last value is the row's number). */
export interface Row {
  readonly rowid: number
  readonly values: readonly Value[]
}

/** A row whose end is on pages that are lost: what is left of its bytes. */
export interface CutRow {
  readonly rowid: number
  readonly bytes: Uint8Array
}

export interface Cells {
  readonly rows: readonly Row[]
  readonly cut: readonly CutRow[]
  /** Cells that are no row. */
  readonly wrong: number
  /** The pages that the longer rows go on in. */
  readonly overflow: readonly number[]
}

/** `header`: where the page begins as one of a tree; 100 on the first. */
export function readCells(pages: Pages, page: Uint8Array, header: number, isIndex: boolean): Cells {
  const rows: Row[] = []
  const cut: CutRow[] = []
  const overflow: number[] = []
  let wrong = 0
  for (const start of cellStarts(pages, page, header, 8)) {
    const cell = start === null ? null : readCell(pages, page, start, isIndex)
    if (cell === null) {
      wrong++
      continue
    }
    overflow.push(...cell.overflow)
    const values = cell.isWhole ? decodeRecord(cell.payload, pages) : null
    if (values !== null) rows.push({ rowid: cell.rowid, values })
    else if (!cell.isWhole) cut.push({ rowid: cell.rowid, bytes: cell.payload })
    else wrong++
  }
  return { rows, cut, wrong, overflow }
}

/** The pages below an inner page; null for a pointer that leads out of it. */
export function readChildren(pages: Pages, page: Uint8Array, header: number): readonly (number | null)[] {
  const view = Buffer.from(page)
  const children = cellStarts(pages, page, header, 12).map((start) =>
    start === null || start + 4 > page.length ? null : view.readUInt32BE(start),
  )
  return [...children, header + 12 > page.length ? null : view.readUInt32BE(header + 8)]
}

/** The entries that an inner page of an index holds itself. */
export function readInnerEntries(pages: Pages, page: Uint8Array, header: number): readonly Row[] {
  return cellStarts(pages, page, header, 12).flatMap((start) => {
    const cell = start === null ? null : readCell(pages, page, start + 4, true)
    const values = cell?.isWhole === true ? decodeRecord(cell.payload, pages) : null
    return values === null ? [] : [{ rowid: 0, values }]
  })
}

function cellStarts(pages: Pages, page: Uint8Array, header: number, headBytes: number) {
  const view = Buffer.from(page)
  if (page.length < header + headBytes) return []
  const count = view.readUInt16BE(header + 3)
  const room = Math.floor((pages.usable - header - headBytes) / 2)
  return Array.from({ length: Math.min(count, room) }, (_, index) => {
    const at = header + headBytes + 2 * index
    if (at + 2 > page.length) return null
    const start = view.readUInt16BE(at)
    return start >= header + headBytes + 2 * count && start + 4 <= pages.usable ? start : null
  })
}

interface Cell {
  readonly rowid: number
  readonly payload: Uint8Array
  readonly isWhole: boolean
  readonly overflow: readonly number[]
}

const maxPayload = 1 << 30

function readCell(pages: Pages, page: Uint8Array, start: number, isIndex: boolean): Cell | null {
  const length = readVarint(page, start)
  if (length === null || length.value > maxPayload) return null
  const key = isIndex ? { value: 0n, next: length.next } : readVarint(page, length.next)
  if (key === null) return null
  const total = Number(length.value)
  const local = localBytes(total, pages.usable, isIndex)
  const from = key.next
  if (from + local > pages.usable || (local < total && from + local + 4 > pages.usable)) return null
  const rowid = Number(BigInt.asIntN(64, key.value))
  const head = page.subarray(from, from + local)
  if (head.length < local) return { rowid, payload: head, isWhole: false, overflow: [] } // the file ends there
  if (local === total) return { rowid, payload: head, isWhole: true, overflow: [] }
  if (from + local + 4 > page.length) return { rowid, payload: head, isWhole: false, overflow: [] }
  const rest = readOverflow(pages, Buffer.from(page).readUInt32BE(from + local), total - local)
  const payload = Buffer.concat([head, ...rest.pieces])
  return { rowid, payload, isWhole: payload.length === total, overflow: rest.numbers }
}

function localBytes(total: number, usable: number, isIndex: boolean): number {
  const most = isIndex ? Math.floor(((usable - 12) * 64) / 255) - 23 : usable - 35
  if (total <= most) return total
  const least = Math.floor(((usable - 12) * 32) / 255) - 23
  const wanted = least + ((total - least) % (usable - 4))
  return wanted <= most ? wanted : least
}

function readOverflow(pages: Pages, first: number, wanted: number) {
  const pieces: Uint8Array[] = []
  const numbers: number[] = []
  const seen = new Set<number>()
  let left = wanted
  for (let at = first; at !== 0 && left > 0 && !seen.has(at); ) {
    const page = pages.page(at)
    if (page === null || page.length < 4) break
    seen.add(at)
    numbers.push(at)
    const piece = page.subarray(4, Math.min(pages.usable, 4 + left))
    pieces.push(piece)
    left -= piece.length
    at = Buffer.from(page).readUInt32BE(0)
  }
  return { pieces, numbers }
}

function readVarint(bytes: Uint8Array, start: number): { value: bigint; next: number } | null {
  let value = 0n
  for (let index = 0; index < 9; index++) {
    const byte = bytes[start + index]
    if (byte === undefined) return null
    if (index === 8) return { value: (value << 8n) | BigInt(byte), next: start + 9 }
    value = (value << 7n) | BigInt(byte & 0x7f)
    if (byte < 0x80) return { value, next: start + index + 1 }
  }
  return null
}

/** null when its lengths do not add up. */
function decodeRecord(payload: Uint8Array, { encoding }: Pick<Pages, "encoding">): readonly Value[] | null {
  const head = readVarint(payload, 0)
  if (head === null || head.value > payload.length || head.value < 1) return null
  const end = Number(head.value)
  const values: Value[] = []
  let at = head.next
  let body = end
  while (at < end) {
    const type = readVarint(payload, at)
    if (type === null || type.next > end || type.value > BigInt(maxPayload) * 2n) return null
    at = type.next
    const size = sizeOf(Number(type.value))
    if (size === null || body + size > payload.length) return null
    values.push(readValue(Number(type.value), payload.subarray(body, body + size), encoding))
    body += size
  }
  return at === end && body === payload.length ? values : null
}

function sizeOf(type: number): number | null {
  if (type >= 12) return Math.floor((type - 12) / 2)
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type] ?? null
}

function readValue(type: number, bytes: Uint8Array, encoding: Pages["encoding"]): Value {
  if (type === 0) return { type: "null" }
  if (type === 8 || type === 9) return { type: "integer", value: BigInt(type - 8) }
  if (type === 7) return { type: "real", value: Buffer.from(bytes).readDoubleBE(0) }
  if (type < 7) {
    let value = 0n
    for (const byte of bytes) value = (value << 8n) | BigInt(byte)
    return { type: "integer", value: BigInt.asIntN(8 * bytes.length, value) }
  }
  if (type % 2 === 0) return { type: "blob", value: bytes }
  if (encoding === "utf-8") return { type: "text", value: bytes }
  return { type: "text", value: new TextEncoder().encode(new TextDecoder(encoding).decode(bytes)) }
}
