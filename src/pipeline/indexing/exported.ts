import type { IndexSummary } from "../../domain/conversation/index-summary.ts"
import type { Exported } from "../../domain/export/export.ts"
import { silent } from "../../domain/progress.ts"

/**
 * Reads an export into the index of that data folder. Throws where something of it could not be read to its end, so
 * that it is tried again. The index is loaded only now: most runs never need it.
 */
export async function indexExported(
  exported: Exported,
  data: string,
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<IndexSummary> {
  const [{ sharedIndex }, { exportedSources }] = await Promise.all([
    import("./shared-index.ts"),
    import("./sources.ts"),
  ])
  const indexed = await sharedIndex(data, warn).read(exportedSources(exported), silent(signal))
  const [broken] = indexed.incomplete
  if (broken !== undefined) throw new Error(`${broken.path} was not read to its end: ${broken.why}`)
  return indexed
}
