import { RescueError, type StoreObject } from "session-rescue"
import { base64Of, hexOf, sha256Of } from "./checksums.ts"
import type { S3Client } from "./client.ts"

const mebibyte = 1 << 20
/** Up to this size an object is one request, and the store has a checksum of all of it. */
export const wholeBytes = 16 * mebibyte
const minPartBytes = 8 * mebibyte
/** S3 allows 10,000. */
const maxParts = 9_000

/** The same for every upload of that length: a later comparison of checksums knows where the parts begin. */
export function partBytesFor(length: number): number {
  return Math.max(minPartBytes, Math.ceil(length / maxParts / mebibyte) * mebibyte)
}

export const createOnly = { "if-none-match": "*" }

/** The store refuses a body that differs from its checksum, and a name that is taken. */
export async function putWhole(
  client: S3Client,
  name: string,
  object: StoreObject,
): Promise<"stored" | "exists"> {
  const body = await readPart(object, 0, object.length)
  const sum = await sha256Of(body)
  if (hexOf(sum) !== object.sha256) throw becameAnother(name)
  const headers = { ...createOnly, "x-amz-checksum-sha256": base64Of(sum) }
  const { status } = await client.send("PUT", { name, headers, body, sum, accept: [200, 412] })
  return status === 412 ? "exists" : "stored"
}

export async function readPart(object: StoreObject, from: number, size: number): Promise<Uint8Array> {
  const length = Math.min(size, object.length - from)
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const piece = await object.read(from + at, Math.min(mebibyte, length - at))
    if (piece.length === 0) throw becameAnother("a file")
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

function becameAnother(name: string): RescueError {
  return new RescueError("SOURCE_CHANGED", `${name} changed while it was pushed`, "run it again")
}
