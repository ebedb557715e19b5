import type { Part, PartKind, Role } from "../../domain/conversation/message-part.ts"
import { partKinds, roles } from "../../domain/conversation/message-part.ts"
import { tagMark } from "../text/tokenizer.ts"

/**
 * Makes properties of a part searchable like words: every row has tags, words that no text contains because each starts
 * with a character that is removed from texts. A filter then costs as much as one more word. Each tag costs time when a
 * row is written, so several properties share one tag where there are few combinations.
 */

/** Distinguishes some rows of a kind. */
type Mark = "" | "e" | "c" | "f"

const kindTag = (kind: PartKind, mark: Mark) => `${tagMark}k${partKinds.indexOf(kind)}${mark}`

export const tags = {
  session: (id: number) => `${tagMark}s${id}`,
  project: (id: number) => `${tagMark}p${id}`,
  model: (id: number) => `${tagMark}m${id}`,
  tool: (id: number) => `${tagMark}t${id}`,
  speaker: (agent: number, role: Role) => `${tagMark}a${agent}r${roles.indexOf(role)}`,
  /** Tag of a part: its kind, and whether it is an error, runs a shell command, or names files. */
  kind: (part: Part) => {
    const mark = part.isError === true ? "e" : part.command !== undefined ? "c" : part.files ? "f" : ""
    return kindTag(part.kind, mark)
  },
  /** All rows of a kind have one of these. */
  kinds: (kind: PartKind) => (["", "e", "c", "f"] as const).map((mark) => kindTag(kind, mark)),
  /** On every row of a text that takes several rows. */
  long: `${tagMark}h`,
  /** Texts that are not conversation: the client's own, and output of this program. */
  hidden: `${tagMark}o`,
  /** Records in the file of another session. */
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
