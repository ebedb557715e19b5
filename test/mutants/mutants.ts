/** Every safety step of this program, and how to take it out of a copy of the source: see README.md. */

import { archiving } from "./steps/archiving.ts"
import { copying } from "./steps/copying.ts"
import { ending } from "./steps/ending.ts"
import { hosting } from "./steps/hosting.ts"
import { listing } from "./steps/listing.ts"
import { proving } from "./steps/proving.ts"
import { pruning } from "./steps/pruning.ts"
import { publishing } from "./steps/publishing.ts"
import { reaping } from "./steps/reaping.ts"
import { restoring } from "./steps/restoring.ts"
import { rows } from "./steps/rows.ts"
import { serving, sharing } from "./steps/sharing.ts"
import { showing } from "./steps/showing.ts"
import { forgetting } from "./steps/team/forgetting.ts"
import { teaming } from "./steps/teaming.ts"
import { watching } from "./steps/watching.ts"

export interface Mutant {
  /** As the marker in the source has it: `// safety: NAME`. */
  readonly name: string
  readonly file: string
  /** The step as it stands in the file, exactly once, with its marker. */
  readonly find: string
  /** What stands there when the step is gone; the program must still work. */
  readonly replace: string
  /** Test files, the one most likely to notice first. */
  readonly tests: readonly string[]
}

export const mutants: readonly Mutant[] = [
  ...copying,
  ...publishing,
  ...proving,
  ...archiving,
  ...pruning,
  ...restoring,
  ...ending,
  ...reaping,
  ...hosting,
  ...showing,
  ...sharing,
  ...serving,
  ...listing,
  ...rows,
  ...teaming,
  ...forgetting,
  ...watching,
]

/** The file's text without the step; throws when the step is not there exactly once. */
export function without({ name, file, find, replace }: Mutant, text: string): string {
  const [before, after, ...more] = text.split(find)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${name}: what it takes out is not in ${file} exactly once`)
  return before + replace + after
}
