import { randomBytes } from "node:crypto"
import { lstatSync, readFileSync } from "node:fs"
import { Decrypter, Encrypter } from "age-encryption"
import { RescueError } from "../../domain/errors.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { TeamSettings } from "../../system/config/team.ts"
import { closeFile, createFile, discard, makeFolders, writeAll } from "../../system/fs/durable.ts"
import { withWriteErrors } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import type { LocalObject } from "./local-objects.ts"
import { damagedRemote } from "./store-errors.ts"

const chunkBytes = 1 << 20

/** Makes what is sent unreadable for everybody but the recipients: the contents, and the names as well. */
export function sealFor(
  recipients: readonly string[],
  { data }: Pick<Paths, "data">,
): (object: LocalObject) => Promise<LocalObject> {
  if (recipients.length === 0) return async (object) => object
  const encrypter = new Encrypter()
  try {
    for (const recipient of recipients) encrypter.addRecipient(recipient)
  } catch (error) {
    throw new RescueError(
      "USAGE",
      `a recipient in [team] is not valid: ${(error as Error).message}`,
      "a recipient is the public key that age-keygen prints: age1…",
    )
  }
  return async (object) => {
    const folder = `${data}/team/sending`
    const path = `${folder}/${randomBytes(8).toString("hex")}`
    const fd = withWriteErrors(path, () => {
      makeFolders(folder, false)
      return createFile(path)
    })
    // without its name nothing is left of it, whatever becomes of this process
    discard(path)
    try {
      const sealed = await encrypter.encrypt(streamOf(object))
      const hasher = new Bun.CryptoHasher("sha256")
      let length = 0
      for await (const bytes of sealed) {
        withWriteErrors(path, () => writeAll(fd, bytes, length))
        hasher.update(bytes)
        length += bytes.length
      }
      const sha256 = hasher.digest("hex")
      const read = async (offset: number, wanted: number) => {
        const bytes = Buffer.allocUnsafe(Math.min(wanted, Math.max(0, length - offset)))
        return bytes.subarray(0, readFully(fd, bytes, offset))
      }
      return { name: `${sha256}.age`, length, sha256, read, close: () => closeFile(fd) }
    } catch (error) {
      closeFile(fd)
      throw error
    } finally {
      object.close()
    }
  }
}

function streamOf(object: LocalObject): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    async pull(controller) {
      const bytes = at < object.length ? await object.read(at, chunkBytes) : new Uint8Array()
      at += bytes.length
      if (bytes.length > 0) controller.enqueue(Uint8Array.from(bytes))
      if (at >= object.length) controller.close()
      else if (bytes.length === 0) controller.error(new Error(`${object.name} became shorter`))
    },
  })
}

/** Opens what was pushed, encrypted or not. */
export interface Opener {
  open(encryption: "age" | null, sealed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

function identityPath(settings: TeamSettings, { config }: Pick<Paths, "config">): string {
  return settings.identity ?? `${config}/team-identity.txt`
}

/** The identity is read when something encrypted is opened first. */
export function openerFor(settings: TeamSettings, paths: Pick<Paths, "config">): Opener {
  let decrypter: Decrypter | null = null
  return {
    async *open(encryption, sealed) {
      if (encryption === null) {
        yield* sealed
        return
      }
      decrypter ??= decrypterFrom(identityPath(settings, paths))
      let failure: unknown = null
      const pieces = sealed[Symbol.asyncIterator]()
      const source = new ReadableStream<Uint8Array>({
        async pull(controller) {
          try {
            const { done, value } = await pieces.next()
            if (done) controller.close()
            else controller.enqueue(Uint8Array.from(value))
          } catch (error) {
            failure = error
            controller.error(error)
          }
        },
        cancel: async () => void (await pieces.return?.()),
      })
      try {
        for await (const bytes of await decrypter.decrypt(source)) yield bytes
      } catch (error) {
        throw failure ?? notOpened(error)
      }
    },
  }
}

function notOpened(error: unknown): RescueError {
  const message = (error as Error).message
  if (/no identity/i.test(message))
    return new RescueError(
      "STORE_REFUSED",
      "it was encrypted for others: none of your identities opens it",
      "ask its owner to add your recipient (age-keygen -y prints it); what is pushed after that opens",
    )
  return damagedRemote(`it cannot be decrypted: ${message}`)
}

/** Lines of `AGE-SECRET-KEY-1…`; a file that others may read is refused. */
function decrypterFrom(path: string): Decrypter {
  const hint = `make one: age-keygen -o ${path}; or set identity in [team] in config.toml`
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined)
    throw new RescueError("STORE_REFUSED", `it is encrypted, and ${path} is not there`, hint)
  // safety: identity-private
  if (!stat.isFile() || (stat.mode & 0o077) !== 0)
    throw new RescueError(
      "STORE_REFUSED",
      `${path} is not a file that only you can read`,
      `chmod 600 ${path}`,
    )
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.trim())
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"))
  if (identities.length === 0) throw new RescueError("STORE_REFUSED", `${path} holds no identity`, hint)
  const decrypter = new Decrypter()
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
  } catch {
    throw new RescueError("STORE_REFUSED", `${path} holds something that is not an age identity`, hint)
  }
  return decrypter
}
