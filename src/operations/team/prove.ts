import { RescueError } from "../../domain/errors.ts"
import type { StoreObject } from "../../sdk/contracts.ts"
import type { Remote } from "./remote.ts"

const chunkBytes = 1 << 20

/**
 * Throws unless the store holds exactly this object: by the checksum that the store computed from what it holds, or,
 * where it says none, by reading the object back. `was`: what `put` said; a different object that was there before is
 * a conflict, one that was just sent is damaged.
 */
export async function proveStored(
  remote: Remote,
  name: string,
  object: StoreObject,
  was: "stored" | "exists",
): Promise<void> {
  const found = await remote.head(name)
  const differs = (what: string) =>
    was === "exists"
      ? new RescueError(
          "STORE_CONFLICT",
          `${name} is in the team's archive already, and ${what}`,
          "nothing was replaced; find out who pushed it: session-rescue verify --remote",
        )
      : new RescueError(
          "DAMAGED",
          `${name} was sent, and ${what}`,
          "it does not count as pushed; run it again",
        )
  if (found === null) throw differs("is not there")
  if (found.length !== object.length) throw differs(`has ${found.length} bytes instead of ${object.length}`)
  if (found.sha256 !== null) {
    if (found.sha256 !== object.sha256) throw differs("its checksum there is another") // safety: prove-sum
  } else if (found.parts !== undefined) {
    // safety: prove-parts
    if ((await sumOfParts(object, found.parts.bytes)) !== found.parts.sha256)
      throw differs("its checksum there is another")
  } else {
    const hasher = new Bun.CryptoHasher("sha256")
    for await (const bytes of remote.open(name)) hasher.update(bytes)
    if (hasher.digest("hex") !== object.sha256) throw differs("it reads back differently") // safety: prove-read-back
  }
}

/** SHA-256 of the parts' SHA-256 sums, from a second read of the local file. */
async function sumOfParts(object: StoreObject, partBytes: number): Promise<string> {
  const all = new Bun.CryptoHasher("sha256")
  for (let from = 0; from < object.length; from += partBytes) {
    const part = new Bun.CryptoHasher("sha256")
    const end = Math.min(object.length, from + partBytes)
    for (let at = from; at < end; ) {
      const bytes = await object.read(at, Math.min(chunkBytes, end - at))
      if (bytes.length === 0)
        throw new RescueError("SOURCE_CHANGED", "a file became shorter while it was pushed", "run it again")
      part.update(bytes)
      at += bytes.length
    }
    all.update(part.digest())
  }
  return all.digest("hex")
}
