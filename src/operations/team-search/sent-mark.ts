import * as v from "valibot"
import type { Paths } from "../../system/config/paths.ts"
import { readTextFile, replaceDocument } from "../../system/fs/config-files.ts"
import { makeFolders } from "../../system/fs/durable.ts"

const schema = v.object({
  part: v.number(),
  id: v.string(),
  identity: v.optional(v.nullable(v.string()), null),
})
/**
 * How far the local index has been sent: a part, and its id there, by which a rebuilt index is noticed; and the identity
 * of the team's index, by which one is noticed that was made again.
 */
type SentMark = v.InferOutput<typeof schema>

function pathFor({ data }: Pick<Paths, "data">, key: string): string {
  return `${data}/team/sent-${key}.json`
}

export function readSentMark(paths: Pick<Paths, "data">, key: string): SentMark | null {
  try {
    const text = readTextFile(pathFor(paths, key))
    const result = text === null ? null : v.safeParse(schema, JSON.parse(text))
    return result?.success ? result.output : null
  } catch {
    return null
  }
}

export async function writeSentMark(paths: Pick<Paths, "data">, key: string, mark: SentMark): Promise<void> {
  makeFolders(`${paths.data}/team`, false)
  await replaceDocument(pathFor(paths, key), `${JSON.stringify(mark)}\n`, { flush: true })
}
