import type { PartKind, Role } from "../session/part.ts"
import { partKinds, roles } from "../session/part.ts"

/**
 * What a part is can be searched like a word: every row carries words that no text holds, each behind a sign of the
 * private area that no font in use has a picture for. A filter then costs what one more word costs.
 */
const sign = "\uEFFE"

export const tags = {
  every: `${sign}z`,
  session: (id: number) => `${sign}s${id}`,
  agent: (id: number) => `${sign}a${id}`,
  project: (id: number) => `${sign}p${id}`,
  model: (id: number) => `${sign}m${id}`,
  tool: (id: number) => `${sign}t${id}`,
  role: (role: Role) => `${sign}r${roles.indexOf(role)}`,
  kind: (kind: PartKind) => `${sign}k${partKinds.indexOf(kind)}`,
  error: `${sign}e`,
  command: `${sign}c`,
  files: `${sign}f`,
} as const

/** A row's kind and whether it is an error, in one number. */
export const packKind = (kind: PartKind, isError: boolean) => partKinds.indexOf(kind) * 2 + (isError ? 1 : 0)
export const kindOf = (packed: number): PartKind => partKinds[packed >> 1] ?? "text"
export const isError = (packed: number): boolean => (packed & 1) === 1
export const roleOf = (packed: number): Role => roles[packed] ?? "system"
