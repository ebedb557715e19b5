import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { binary } from "../harness/binary.ts"
import type { SessionEntry, StatusDocument } from "../harness/contract.ts"
import type { ScratchHome } from "../harness/scratch-home.ts"

/** Leaves a script in that folder with which a shell there asks the product who it is: `sh ask.sh NAME`. */
export function leaveQuestion(scratch: ScratchHome, folder: string): void {
  const script = `'${binary}' status --json --data-dir '${scratch.data}' > "$1.part" 2> "$1.err"
mv "$1.part" "$1.json"
`
  writeFileSync(join(scratch.folder(folder), "ask.sh"), script)
}

export interface Answer {
  current: SessionEntry[]
  all: SessionEntry[]
  /** All that was said besides the sessions. */
  warned: string
}

/** What the product answered to `sh ask.sh NAME`, once it did. */
export async function answerTo(scratch: ScratchHome, folder: string, name: string): Promise<Answer> {
  const file = join(scratch.folder(folder), name)
  await until(`the answer "${name}"`, () => existsSync(`${file}.json`))
  const errors = readFileSync(`${file}.err`, "utf8")
  const text = readFileSync(`${file}.json`, "utf8")
  if (!text.startsWith("{")) throw new Error(`no JSON but "${text}", and on stderr: ${errors}`)
  const { sessions, warnings } = JSON.parse(text) as StatusDocument
  const current = sessions.filter((entry) => entry.state === "CURRENT")
  return { current, all: sessions, warned: JSON.stringify(warnings) + errors }
}
