/** Repairing transcripts: a file read at any place, the repaired copy with what was set aside, and the proof. */
import { MiB } from "../../domain/bytes.ts"
import type { DiskPath } from "../../domain/disk-path.ts"
import type { ByteSource } from "../../domain/transcript/rules.ts"
import { toReadError } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { closeSource, openSource, wasWritten } from "../io/source-file.ts"

/** A transcript that is held open while it is examined. */
export interface TranscriptFile extends ByteSource {
  readonly path: DiskPath
  readonly modifiedAt: Date
  readonly device: bigint
  readonly inode: bigint
  /** Whether somebody wrote to it since it was opened. */
  wasWritten(): boolean
  close(): void
}

const windowBytes = 4 * MiB

/** Reads go through a window: what is asked for next is mostly there already. */
export function openTranscript(path: DiskPath): TranscriptFile {
  const source = openSource(path)
  const { fd, length, modifiedAt, device, inode } = source
  let window = Buffer.alloc(0)
  let windowAt = 0
  function read(from: number, wanted: number): Uint8Array {
    const inside = from >= windowAt && from + wanted <= windowAt + window.length
    if (!inside) {
      try {
        const buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(windowBytes, wanted), length - from))
        window = buffer.subarray(0, readFully(fd, buffer, from))
        windowAt = from
      } catch (error) {
        throw toReadError(error, path)
      }
    }
    return window.subarray(from - windowAt, from - windowAt + wanted)
  }
  return {
    path,
    length,
    modifiedAt,
    device,
    inode,
    read,
    wasWritten: () => wasWritten(source),
    close: () => closeSource(source),
  }
}
