import type { SessionId } from "../../domain/session/session-id.ts"
import type { Paths } from "../../system/config/paths.ts"
import { openIndex } from "../search/search.ts"
import { itemOf, type ShownItem } from "../search/show.ts"

const partsPerBlock = 50

/** Where a block begins: the place of a record in a file that is gone, and the part that was read from there. */
interface Border {
  readonly offset: number
  readonly part: number
}

interface IndexedFile {
  readonly document: string
  readonly borders: Border[]
  parts: number
  size: number
}

/** A session of which only the index has the words, in blocks as if its files were there. */
export interface IndexedSession {
  readonly id: SessionId
  readonly agent: string
  readonly title: string | null
  readonly files: readonly IndexedFile[]
}

/** Goes through the session once; only the places of its blocks are kept. */
export function openIndexedSession(id: SessionId, paths: Paths): IndexedSession {
  const files = new Map<string, IndexedFile>()
  let about: { agent: string; title: string | null } | null = null
  const index = openIndex(paths)
  try {
    for (const { agent, title, part, source } of index.conversation(id)) {
      about ??= { agent, title }
      const { document, offset, length } = source
      const file = files.get(document) ?? { document, borders: [], parts: 0, size: 0 }
      files.set(document, file)
      // what was read from another copy later begins no block
      const isFurther = offset > (file.borders.at(-1)?.offset ?? -1)
      if (isFurther && file.parts % partsPerBlock === 0) file.borders.push({ offset, part })
      if (isFurther || file.parts % partsPerBlock !== 0) file.parts++
      file.size = Math.max(file.size, offset + length)
    }
  } finally {
    index.close()
  }
  return { id, ...(about ?? { agent: "claude-code", title: null }), files: [...files.values()] }
}

export function offsetsOf({ borders, size }: IndexedFile): number[] {
  return [...borders.map(({ offset }) => offset), size]
}

/** The items of the block that begins at this place of the file. */
export function* readIndexedBlock(
  { id, files }: IndexedSession,
  document: string,
  from: number,
  paths: Paths,
): Generator<ShownItem> {
  const borders = files.find((each) => each.document === document)?.borders ?? []
  const at = borders.findIndex(({ offset }) => offset === from)
  const first = borders[at]
  if (first === undefined) return
  const end = borders[at + 1]?.part ?? Number.POSITIVE_INFINITY
  const index = openIndex(paths)
  try {
    for (const part of index.conversation(id, first.part - 1)) {
      if (part.part >= end) return
      if (part.source.document === document) yield itemOf(part)
    }
  } finally {
    index.close()
  }
}
