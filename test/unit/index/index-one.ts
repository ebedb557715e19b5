/** Reads one file into an index, as a process of its own. */

import { statSync } from "node:fs"
import { readParts } from "../../../plugins/detect/claude-code/parts/parts.ts"
import { IndexWriter } from "../../../src/index/index.ts"
import { readRange } from "../../../src/system/fs/read-range.ts"

const [, , database = "", path = ""] = process.argv
const { dev, ino, size, mtimeMs } = statSync(path)
const index = new IndexWriter(database, (kept, why) => console.error(kept, why))
const about = {
  path,
  place: "live",
  agent: "claude-code",
  session: null,
  document: "",
  export: null,
} as const
await index.update(
  { ...about, file: `${dev}:${ino}`, size, modifiedAt: mtimeMs, open: (from) => readRange(path, from) },
  readParts,
  { signal: new AbortController().signal, advance() {} },
)
index.close()
