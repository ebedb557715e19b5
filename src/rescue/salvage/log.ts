import type { ByteSource } from "../../domain/transcript/rules.ts"

/** The write-ahead log of a database: the newest version of pages that are not yet in its file. */
export interface Log {
  readonly pageSize: number
  /** Of transactions up to the first frame that is wrong: what SQLite reads. */
  readonly committed: ReadonlyMap<number, () => Uint8Array>
  /** Of whole transactions behind it, which SQLite ignores. */
  readonly hidden: ReadonlyMap<number, () => Uint8Array>
  /** Frames that are wrong before a whole transaction. */
  readonly tornFrames: number
}

const headBytes = 32
const frameHeadBytes = 24

/** null when it is empty, or its first bytes are not those of a log. */
export function readLog(file: ByteSource): Log | null {
  if (file.length < headBytes) return null
  const head = Buffer.from(file.read(0, headBytes))
  const magic = head.readUInt32BE(0)
  const pageSize = head.readUInt32BE(8)
  if ((magic | 1) !== 0x377f0683 || !isPageSize(pageSize)) return null
  const isBig = (magic & 1) === 1
  const salt = head.toString("latin1", 16, 24)
  const committed = new Map<number, () => Uint8Array>()
  const hidden = new Map<number, () => Uint8Array>()
  let open = new Map<number, () => Uint8Array>()
  let sum: Sum = [head.readUInt32BE(24), head.readUInt32BE(28)]
  let isTorn = false
  let wrong = 0
  let tornFrames = 0
  const frameBytes = frameHeadBytes + pageSize
  for (let at = headBytes; at + frameBytes <= file.length; at += frameBytes) {
    const frame = Buffer.from(file.read(at, frameBytes))
    const noted: Sum = [frame.readUInt32BE(16), frame.readUInt32BE(20)]
    const ours = frame.toString("latin1", 8, 16) === salt
    const counted = checksum(
      frame.subarray(frameHeadBytes),
      checksum(frame.subarray(0, 8), sum, isBig),
      isBig,
    )
    sum = noted // the next frame goes on from what this one says, also behind a tear
    if (!ours || counted[0] !== noted[0] || counted[1] !== noted[1]) {
      isTorn = true
      wrong++
      open = new Map()
      continue
    }
    open.set(frame.readUInt32BE(0), () => new Uint8Array(file.read(at + frameHeadBytes, pageSize)))
    if (frame.readUInt32BE(4) === 0) continue
    for (const [number, page] of open) (isTorn ? hidden : committed).set(number, page)
    open = new Map()
    tornFrames = wrong
  }
  return { pageSize, committed, hidden, tornFrames: hidden.size === 0 ? 0 : tornFrames }
}

type Sum = readonly [number, number]

function checksum(bytes: Buffer, [first, second]: Sum, isBig: boolean): Sum {
  let [one, two] = [first, second]
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    one = (one + (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + two) >>> 0
    two = (two + (isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + one) >>> 0
  }
  return [one, two]
}

export function isPageSize(size: number): boolean {
  return size >= 512 && size <= 65_536 && (size & (size - 1)) === 0
}
