import type { StoredFile } from "../../../domain/export/archive-record.ts"
import type { PushCommit } from "../../../domain/team/commit.ts"
import { exportPrefix, type RemoteName } from "../../../domain/team/layout.ts"
import { type IncomingArchive, readIncoming } from "../../../rescue/archive/receive.ts"
import type { Opener } from "../encryption.ts"
import type { Remote } from "../remote.ts"
import { damagedRemote } from "../store-errors.ts"

const maxDocumentBytes = 64 << 20

export interface RemoteExport {
  readonly archive: IncomingArchive
  receive(file: StoredFile): AsyncIterable<Uint8Array>
}

/** Reads the record and the manifest of a pushed export; its files are read when they are fetched. */
export async function readRemote(
  remote: Remote,
  of: RemoteName,
  { commit, opener }: { readonly commit: PushCommit; readonly opener: Opener },
): Promise<RemoteExport> {
  const [record, manifest, ...files] = commit.objects
  if (record === undefined || manifest === undefined)
    throw damagedRemote(`${of.name} has no record or no manifest`)
  const stream = (object: PushCommit["objects"][number]) =>
    opener.open(commit.encryption, verified(remote, `${exportPrefix(of)}${object.name}`, object))
  const recordBytes = await collect(stream(record), of.name)
  const manifestBytes = await collect(stream(manifest), of.name)
  const archive = readIncoming(of, recordBytes, manifestBytes)
  const sha256 = new Bun.CryptoHasher("sha256").update(recordBytes).digest("hex")
  if (sha256 !== commit.recordSha256 || archive.record.stored.length !== files.length)
    throw damagedRemote(`the commit of ${of.name} does not fit its record`)
  const byPath = new Map(archive.record.stored.map(({ path }, n) => [path, files[n]]))
  return {
    archive,
    receive(file) {
      const object = byPath.get(file.path)
      if (object === undefined) throw damagedRemote(`${of.name} has no object for ${file.path}`)
      return stream(object)
    },
  }
}

/** The object's bytes as the store has them; throws at its end when they are not those that were pushed. */
async function* verified(
  remote: Remote,
  name: string,
  { length, sha256 }: PushCommit["objects"][number],
): AsyncGenerator<Uint8Array> {
  const hasher = new Bun.CryptoHasher("sha256")
  let seen = 0
  for await (const bytes of remote.open(name)) {
    seen += bytes.length
    if (seen > length) throw damagedRemote(`${name} is longer than it was when it was pushed`)
    hasher.update(bytes)
    yield bytes
  }
  if (seen !== length) throw damagedRemote(`${name} has ${seen} bytes there instead of ${length}`)
  if (hasher.digest("hex") !== sha256)
    throw damagedRemote(`${name} is not what was pushed: its checksum differs`)
}

async function collect(stream: AsyncIterable<Uint8Array>, name: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const bytes of stream) {
    length += bytes.length
    if (length > maxDocumentBytes)
      throw damagedRemote(`the record or the manifest of ${name} is larger than any we write`)
    parts.push(Uint8Array.from(bytes))
  }
  return Buffer.concat(parts)
}
