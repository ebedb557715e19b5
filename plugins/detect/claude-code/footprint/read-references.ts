import type { Context, DiskPath, SessionId } from "session-rescue"

export interface References {
  /** Paths relative to the home, of other sessions. */
  readonly kept: ReadonlySet<string>
  /** Absolute paths. */
  readonly outputs: ReadonlySet<string>
  /** Names of plans. */
  readonly slugs: ReadonlySet<string>
}

const chunkBytes = 4 << 20
/** Longer than any path: the end of one chunk is searched again with the next. */
const overlapBytes = 4096
const contextBefore = 600
const contextAfter = 400

const uuid = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
const name = '[^"\\\\/\\s<>]+'
const ownedFolder = new RegExp(`/projects/(${name})/(${uuid})$`)
const keptName = new RegExp(`^${name}`)
const sessionFile = new RegExp(`^(${uuid})/(${name})`)
const outputFile = /^[A-Za-z0-9_-]{1,64}\.output/
const absolutePath = /\/[^"\\\s<>`'()]*$/
const slug = /^([A-Za-z0-9][A-Za-z0-9_-]{0,199})"/

/** Scans a transcript of any size without parsing it, for the context of a few words. */
export async function readReferences(
  ctx: Context,
  transcript: DiskPath | null,
  own: SessionId,
): Promise<References> {
  const kept = new Set<string>()
  const outputs = new Set<string>()
  const slugs = new Set<string>()
  const needles: readonly (readonly [Buffer, (ahead: string, behind: string) => void])[] = [
    [
      Buffer.from("/tool-results/"),
      (ahead, behind) => {
        const [, project, id] = ownedFolder.exec(ahead) ?? []
        const file = keptName.exec(behind)?.[0]
        if (id !== undefined && id !== own && file !== undefined)
          for (const each of spellings(file)) kept.add(`projects/${project}/${id}/tool-results/${each}`)
      },
    ],
    ...["image-cache", "uploads"].map((folder): (typeof needles)[number] => [
      Buffer.from(`/${folder}/`),
      (_, behind) => {
        const [, id, file = ""] = sessionFile.exec(behind) ?? []
        if (id !== undefined && id !== own)
          for (const each of spellings(file)) kept.add(`${folder}/${id}/${each}`)
      },
    ]),
    [
      Buffer.from("/tasks/"),
      (ahead, behind) => {
        const file = outputFile.exec(behind)?.[0]
        const folder = absolutePath.exec(ahead)?.[0]
        if (file !== undefined && folder !== undefined) outputs.add(`${folder}/tasks/${file}`)
      },
    ],
    [Buffer.from('"slug":"'), (_, behind) => slugs.add(slug.exec(behind)?.[1] ?? "")],
  ]
  for (let offset = 0; transcript !== null && !ctx.signal.aborted; offset += chunkBytes) {
    const bytes = ctx.files.read(
      transcript,
      Math.max(0, offset - overlapBytes),
      chunkBytes + (offset > 0 ? overlapBytes : 0),
    )
    if (bytes === null || bytes.length === 0) break
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (const [needle, look] of needles) {
      for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) {
        const end = at + needle.length
        look(
          text.toString("utf8", Math.max(0, at - contextBefore), at),
          text.toString("utf8", end, end + contextAfter),
        )
      }
    }
    if (bytes.length < chunkBytes) break
    await new Promise((resolve) => setImmediate(resolve)) // lets Ctrl-C be handled
  }
  slugs.delete("")
  return { kept, outputs, slugs }
}

/** A name at the end of a sentence may be followed by a full stop. */
function spellings(file: string): readonly string[] {
  return [...new Set([file, file.replace(/[.,;:)\]'`]+$/, "")])].filter((each) => !/^\.*$/.test(each))
}
