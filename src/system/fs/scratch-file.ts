import { closeSync } from "node:fs"
import { createFile, removeFile, writeAll } from "./durable.ts"
import { withWriteErrors } from "./io-errors.ts"
import { readFully } from "./read-fully.ts"

/** An unnamed temporary file for data too large for memory; it disappears when closed or when the program ends. */
export class ScratchFile {
  readonly #path: string
  readonly #fd: number
  #length = 0

  /** `beside`: the file is created on this file's disk, which needs the space anyway. */
  constructor(beside: string) {
    const path = `${beside}.${crypto.randomUUID()}.scratch`
    this.#path = path
    this.#fd = withWriteErrors(path, () => createFile(path))
    removeFile(path)
  }

  get length(): number {
    return this.#length
  }

  add(bytes: Uint8Array): void {
    withWriteErrors(this.#path, () => writeAll(this.#fd, bytes, this.#length))
    this.#length += bytes.length
  }

  /** Fills `buffer` with the bytes from `from` on. */
  read(from: number, buffer: Uint8Array): void {
    if (readFully(this.#fd, buffer, from) < buffer.length)
      throw new Error("temporary data is no longer available")
  }

  close(): void {
    closeSync(this.#fd)
  }
}
