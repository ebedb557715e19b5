import type { ArchiveFile, ArchiveSource, ArchiveStaging } from "../../sdk/contracts.ts"
import type { Service } from "../host/worker-channel.ts"

/** What an archiver that stores asks for: files of its own, or one of the export's kept as it is. */
export function staged(staging: ArchiveStaging): Service["perform"] {
  const files = new Map<string, ArchiveFile>()
  return async (method, [name, bytes]) => {
    if (typeof name !== "string") throw new Error("a file needs a name")
    if (method === "keep") return staging.keep(name, String(bytes))
    if (method === "create" && !files.has(name)) return void files.set(name, staging.create(name))
    const file = files.get(name)
    if (file === undefined || method === "create")
      throw new Error(`${name} can be created once, and written after that`)
    if (method === "end") return file.end()
    if (method !== "add" || !(bytes instanceof Uint8Array)) throw new Error("only bytes can be added")
    return file.add(bytes)
  }
}

/** What an archiver that opens asks for: bytes of what was stored, and that its own are taken. */
export function reading(
  source: ArchiveSource,
  take: (bytes: Uint8Array) => Promise<boolean>,
): Service["perform"] {
  return async (method, [first, offset, length]) => {
    if (method === "read") return source.read(first as string, offset as number, length as number)
    if (method !== "take" || !(first instanceof Uint8Array)) throw new Error("only bytes can be handed over")
    return take(first)
  }
}

/** All stored files, and how long they are. */
export function lengthsOf(source: ArchiveSource): Record<string, number> {
  return Object.fromEntries(source.names().map((name) => [name, source.length(name)]))
}
