import { createHash } from "node:crypto"

const magic64 = 0xfeedfacf
const segmentCommand = 0x19
const codeSignatureCommand = 0x1d
const superBlob = 0xfade0cc0
const codeDirectory = 0xfade0c02
const sha256 = 2
const hashBytes = 32
const pageBits = 12
const pageBytes = 1 << pageBits
const headerBytes = 88
const adHocLinkerSigned = 0x20002

/**
 * Why macOS would end this program as soon as it starts: its signature is missing, or a page is not what the
 * signature says. null when every page agrees. It does not replace `codesign -v`: only a Mac decides.
 */
export function signatureTrouble(file: Buffer): string | null {
  if (file.readUInt32LE(0) !== magic64) return "it is no 64-bit Mach-O file"
  const command = findCommand(file, codeSignatureCommand)
  if (command === null) return "it is not signed"
  const [from, size] = [file.readUInt32LE(command + 8), file.readUInt32LE(command + 12)]
  if (from + size !== file.length) return "its signature is not its end"
  const blob = file.subarray(from)
  if (blob.readUInt32BE(0) !== superBlob) return "its signature is in no known form"
  for (let index = 0; index < blob.readUInt32BE(8); index++) {
    const directory = blob.subarray(blob.readUInt32BE(16 + index * 8))
    if (directory.readUInt32BE(0) === codeDirectory) return wrongPage(file, directory, from)
  }
  return "its signature names no pages"
}

/**
 * Signs a program for its own sake alone (ad hoc), as the linker does on a Mac. Bun 1.4.5 does that for arm64 but
 * leaves a program made for x64 with the signature of the bare runtime, which names other bytes and asks for the
 * hardened runtime: macOS would end it. `identity` is a name for it; any will do.
 */
export function signAdHoc(program: Buffer, identity: string): Buffer {
  const command = findCommand(program, codeSignatureCommand)
  const linkEdit = findSegment(program, "__LINKEDIT")
  const text = findSegment(program, "__TEXT")
  if (command === null || linkEdit === null || text === null) throw new Error("no room for a signature")
  const limit = program.readUInt32LE(command + 8)
  const pages = Math.ceil(limit / pageBytes)
  const name = Buffer.from(`${identity}\0`)
  const directoryBytes = headerBytes + name.length + pages * hashBytes
  const size = (20 + directoryBytes + 15) & ~15
  const signed = Buffer.alloc(limit + size)
  program.copy(signed, 0, 0, limit)

  signed.writeUInt32LE(size, command + 12)
  const inLinkEdit = BigInt(limit + size) - signed.readBigUInt64LE(linkEdit + 40)
  signed.writeBigUInt64LE(inLinkEdit, linkEdit + 48)
  signed.writeBigUInt64LE((inLinkEdit + 0x3fffn) & ~0x3fffn, linkEdit + 32)

  const blob = signed.subarray(limit)
  for (const [at, value] of [superBlob, 20 + directoryBytes, 1, 0, 20].entries())
    blob.writeUInt32BE(value, at * 4)
  const directory = blob.subarray(20)
  const header = [
    codeDirectory,
    directoryBytes,
    0x20400,
    adHocLinkerSigned,
    headerBytes + name.length,
    headerBytes,
  ]
  for (const [at, value] of [...header, 0, pages, limit].entries()) directory.writeUInt32BE(value, at * 4)
  directory.set([hashBytes, sha256, 0, pageBits], 36)
  directory.writeBigUInt64BE(signed.readBigUInt64LE(text + 40), 64) // where the executable segment begins,
  directory.writeBigUInt64BE(signed.readBigUInt64LE(text + 48), 72) // how long it is,
  directory.writeBigUInt64BE(1n, 80) // and that it is a main program's
  name.copy(directory, headerBytes)
  for (let page = 0; page < pages; page++) {
    sumOf(signed, page, pageBytes, limit).copy(directory, headerBytes + name.length + page * hashBytes)
  }
  return signed
}

function wrongPage(file: Buffer, directory: Buffer, signature: number): string | null {
  const limit = directory.readUInt32BE(32)
  if (limit !== signature) return `${signature - limit} bytes are not covered by its signature`
  if (directory[36] !== hashBytes || directory[37] !== sha256) return "its pages are hashed in another way"
  const pageSize = 1 << (directory[39] ?? 0)
  const hashes = directory.readUInt32BE(16)
  const pages = directory.readUInt32BE(28)
  if (pages !== Math.ceil(limit / pageSize)) return `it signs ${pages} pages of ${limit} bytes`
  for (let page = 0; page < pages; page++) {
    const at = hashes + page * hashBytes
    if (!sumOf(file, page, pageSize, limit).equals(directory.subarray(at, at + hashBytes)))
      return `page ${page} is not what its signature says`
  }
  return null
}

function sumOf(file: Buffer, page: number, size: number, limit: number): Buffer {
  const bytes = file.subarray(page * size, Math.min((page + 1) * size, limit))
  return createHash("sha256").update(bytes).digest()
}

function findSegment(file: Buffer, name: string): number | null {
  return findCommand(
    file,
    segmentCommand,
    (at) => file.toString("latin1", at + 8, at + 8 + name.length + 1) === `${name}\0`,
  )
}

/** Where in the file a load command begins. */
function findCommand(file: Buffer, wanted: number, fits = (_at: number) => true): number | null {
  const commands = file.readUInt32LE(16)
  for (let at = 32, index = 0; index < commands; index++, at += file.readUInt32LE(at + 4)) {
    if (file.readUInt32LE(at) === wanted && fits(at)) return at
  }
  return null
}
