import type { Part, PartKind, Role } from "../../domain/conversation/message-part.ts"
import { partKinds, roles } from "../../domain/conversation/message-part.ts"
import { tagMark } from "../text/tokenizer.ts"

/**
 * What a part is can be searched like a word: every row carries words that no text holds, each behind a sign that is
 * taken out of texts. A filter then costs what one more word costs. Each of them
 * costs time when a row is made, so several facts share one where the combinations are few.
 */

/** What sets some rows of a kind apart. */
type Mark = "" | "e" | "c" | "f"

const kindTag = (kind: PartKind, mark: Mark) => `${tagMark}k${partKinds.indexOf(kind)}${mark}`

export const tags = {
  session: (id: number) => `${tagMark}s${id}`,
  project: (id: number) => `${tagMark}p${id}`,
  model: (id: number) => `${tagMark}m${id}`,
  tool: (id: number) => `${tagMark}t${id}`,
  speaker: (agent: number, role: Role) => `${tagMark}a${agent}r${roles.indexOf(role)}`,
  /** Of a part: its kind, and whether it is an error, a shell command, or names files. */
  kind: (part: Part) => {
    const mark = part.isError === true ? "e" : part.command !== undefined ? "c" : part.files ? "f" : ""
    return kindTag(part.kind, mark)
  },
  /** All rows of a kind bear one of these. */
  kinds: (kind: PartKind) => (["", "e", "c", "f"] as const).map((mark) => kindTag(kind, mark)),
  /** Every row of a text that has several. */
  long: `${tagMark}h`,
  /** What nobody said there: the client's own words, and what this program printed. */
  hidden: `${tagMark}o`,
  /** What stands in the file of another session. */
  foreign: `${tagMark}g`,
  errors: partKinds.map((kind) => kindTag(kind, "e")),
  commands: [kindTag("tool_use", "c")],
  files: [kindTag("tool_use", "f")],
} as const

/** A row's kind and whether it is an error, in one number. */
export const packKind = (kind: PartKind, isError: boolean) => partKinds.indexOf(kind) * 2 + (isError ? 1 : 0)
export const kindOf = (packed: number): PartKind => partKinds[packed >> 1] ?? "text"
export const isError = (packed: number): boolean => (packed & 1) === 1
export const roleOf = (packed: number): Role => roles[packed] ?? "system"
