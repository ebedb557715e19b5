import { IndexWork } from "./index-work.ts"

/** One for all exports of a run: opening it means reading what it knows of every file. */
let work: { readonly data: string; readonly index: IndexWork } | null = null

export function sharedIndex(data: string, warn: (message: string) => void): IndexWork {
  if (work?.data !== data) {
    closeSharedIndex()
    work = { data, index: new IndexWork(data, warn) }
  }
  return work.index
}

export function closeSharedIndex(): void {
  work?.index.close()
  work = null
}
