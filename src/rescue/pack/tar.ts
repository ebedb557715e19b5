/** Packs: exports of sessions in one `.tar.zst` that standard tools can open, written and read again with every sum checked. */
import { RescueError } from "../../domain/errors.ts"

/** The headers of tar (POSIX.1-2001): `ustar`, and a `pax` header for a name that is too long for it. */

export const tarBlock = 512
const typeFile = "0"
const typePax = "x"

export interface TarEntry {
  readonly name: string
  readonly size: number
}

const encoder = new TextEncoder()

/** What stands before a file's bytes. */
export function tarHeader({ name, size }: TarEntry, at: Date): Uint8Array {
  if (encoder.encode(name).length <= 100 && size < 8 ** 11) return header(name, size, at, typeFile)
  const record = paxRecord("path", name) + (size < 8 ** 11 ? "" : paxRecord("size", String(size)))
  const bytes = encoder.encode(record)
  const pax = header("pax", bytes.length, at, typePax)
  const short = header(name.slice(0, 50), Math.min(size, 8 ** 11 - 1), at, typeFile)
  return Buffer.concat([pax, bytes, tarPadding(bytes.length), short])
}

/** Zeros up to the next block. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((tarBlock - (size % tarBlock)) % tarBlock)
}

export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * tarBlock)
}

function header(name: string, size: number, at: Date, type: string): Uint8Array {
  const block = new Uint8Array(tarBlock)
  const put = (text: string, offset: number) => block.set(encoder.encode(text), offset)
  const octal = (number: number, digits: number) => number.toString(8).padStart(digits, "0")
  put(name, 0)
  put(`${octal(0o600, 7)}\0`, 100)
  put(`${octal(0, 7)}\0`, 108)
  put(`${octal(0, 7)}\0`, 116)
  put(`${octal(size, 11)}\0`, 124)
  put(`${octal(Math.floor(at.getTime() / 1000), 11)}\0`, 136)
  put(" ".repeat(8), 148)
  put(type, 156)
  put("ustar\x0000", 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(`${octal(sum, 6)}\0 `, 148)
  return block
}

/** `LENGTH key=value\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = encoder.encode(` ${key}=${value}\n`).length
  let length = rest + String(rest).length
  if (String(length).length + rest !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

/** The fields of a header block; null at the end of the archive. Throws DAMAGED for anything but a plain file. */
export function parseTarHeader(block: Uint8Array): (TarEntry & { readonly isPax: boolean }) | null {
  if (block.every((byte) => byte === 0)) return null
  const text = (from: number, length: number) => {
    const field = block.subarray(from, from + length)
    const end = field.indexOf(0)
    return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end))
  }
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  if (Number.parseInt(text(148, 8).trim(), 8) !== sum) throw damagedPack("a header does not match its sum")
  const type = text(156, 1)
  const size = Number.parseInt(text(124, 12).trim(), 8)
  if (!Number.isSafeInteger(size) || size < 0) throw damagedPack("a header names no size")
  const prefix = text(345, 155)
  const name = prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`
  // safety: pack-plain-files
  if (type !== "" && type !== typeFile && type !== typePax)
    throw new RescueError("REFUSED", `${JSON.stringify(name)} in the pack is no plain file`, refusedHint)
  return { name, size, isPax: type === typePax }
}

/** The values of a pax header. */
export function parsePax(bytes: Uint8Array): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const length = Number(new TextDecoder().decode(bytes.subarray(at, space)))
    if (space === -1 || !(length > 0) || at + length > bytes.length)
      throw damagedPack("a long name is damaged")
    const [key = "", ...value] = new TextDecoder()
      .decode(bytes.subarray(space + 1, at + length - 1))
      .split("=")
    values.set(key, value.join("="))
    at += length
  }
  return values
}

export const refusedHint = "nothing of it was restored; look at it with: tar --zstd -tvf FILE"

export function damagedPack(why: string): RescueError {
  return new RescueError(
    "DAMAGED",
    `the pack is damaged: ${why}`,
    "nothing of it was restored; copy it again",
  )
}
