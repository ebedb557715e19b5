import { IndexWriter } from "../../index/index.ts"
import { indexPath } from "../../system/config/paths.ts"
import { IndexIngest } from "./index-work.ts"

/** One for all exports of a run. */
let work: { readonly data: string; readonly index: IndexIngest } | null = null

export function sharedIndex(data: string, warn: (message: string) => void): IndexIngest {
  if (work?.data !== data) {
    closeSharedIndex()
    const writer = new IndexWriter(indexPath(data), (kept, why) =>
      warn(`the index was not usable (${why}) and is made anew; the old one was kept as ${kept}`),
    )
    work = { data, index: new IndexIngest(writer) }
  }
  return work.index
}

/** For as long as `during` lasts, what is read goes into this index instead. */
export async function shareIndex<T>(data: string, writer: IndexWriter, during: () => Promise<T>): Promise<T> {
  closeSharedIndex()
  work = { data, index: new IndexIngest(writer) }
  try {
    return await during()
  } finally {
    work = null
  }
}

export function closeSharedIndex(): void {
  work?.index.close()
  work = null
}
