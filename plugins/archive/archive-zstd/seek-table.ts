import { type ArchiveSource, RescueError } from "session-rescue"

/** One frame: its position in the archive and in the file. */
export interface Seekable {
  readonly at: number
  readonly packed: number
  readonly begins: number
  readonly length: number
}

// the "zstd seekable format" (facebook/zstd, contrib/seekable_format): a final frame that decoders skip
const skippable = 0x184d2a5e
const seekable = 0x8f92eab1
const head = 8
const foot = 9
const withChecksums = 0x80
const largestFrame = 4 << 20

export function seekTable(frames: readonly { readonly packed: number; readonly length: number }[]) {
  const bytes = new Uint8Array(head + frames.length * 8 + foot)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, skippable, true)
  view.setUint32(4, bytes.length - head, true)
  for (const [n, { packed, length }] of frames.entries()) {
    view.setUint32(head + n * 8, packed, true)
    view.setUint32(head + n * 8 + 4, length, true)
  }
  view.setUint32(bytes.length - foot, frames.length, true)
  view.setUint32(bytes.length - 4, seekable, true) // zero bytes between: no checksums, each frame has its own
  return bytes
}

/** Throws unless the table and the frames it names fill the file exactly. */
export async function readSeekTable(source: ArchiveSource, name: string): Promise<readonly Seekable[]> {
  const total = source.length(name)
  const damaged = (what: string) =>
    new RescueError("DAMAGED", `the archive ${name} ${what}`, "see the others: session-rescue verify --all")
  if (total < head + foot) throw damaged("is cut short")
  const end = view(await source.read(name, total - foot, foot))
  if (end.getUint32(5, true) !== seekable) throw damaged("does not end with a seek table: it is cut short")
  const count = end.getUint32(0, true)
  const entry = (end.getUint8(4) & withChecksums) === 0 ? 8 : 12
  const size = head + count * entry + foot
  if (size > total) throw damaged("has a seek table that cannot be true")
  const table = view(await source.read(name, total - size, size))
  if (table.getUint32(0, true) !== skippable || table.getUint32(4, true) !== size - head)
    throw damaged("has a seek table that cannot be true")
  const frames: Seekable[] = []
  let at = 0
  let begins = 0
  for (let n = 0; n < count; n++) {
    const packed = table.getUint32(head + n * entry, true)
    const length = table.getUint32(head + n * entry + 4, true)
    if (length > largestFrame || packed > 2 * largestFrame)
      throw damaged("has frames larger than any we make")
    frames.push({ at, packed, begins, length })
    at += packed
    begins += length
  }
  if (at !== total - size) throw damaged("is not as long as its frames")
  return frames
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
