import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { MiB } from "../../domain/bytes.ts"
import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import { fsPath } from "./files.ts"
import { toReadError } from "./io-errors.ts"

const chunkBytes = MiB

/** The bytes of a regular file from an offset on, at most `length`; a piece is valid until the next is requested. */
export function* readRange(
  path: DiskPath,
  from: number,
  length = Number.POSITIVE_INFINITY,
): Generator<Uint8Array> {
  try {
    const fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stat = fstatSync(fd)
      if (!stat.isFile()) throw notRegular(path)
      const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, length, stat.size - from)))
      for (let offset = from; offset < from + length; ) {
        const wanted = Math.min(buffer.length, from + length - offset)
        const count = readSync(fd, buffer, 0, wanted, offset)
        if (count === 0) return
        offset += count
        yield buffer.subarray(0, count)
      }
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw toReadError(error, path)
  }
}

function notRegular(path: DiskPath): RescueError {
  return new RescueError("SOURCE_NOT_REGULAR", `${showPath(path)} is not a plain file`, "it was not read")
}
