import type { Bench } from "../bench.ts"
import { team } from "../team/team.ts"
import { archive } from "./archive.ts"
import { exporting } from "./exporting.ts"
import { growing } from "./growth.ts"
import { hard } from "./hard.ts"
import { hook } from "./hook.ts"
import { indexing } from "./indexing.ts"
import { listing } from "./listing.ts"
import { many } from "./many.ts"
import { page } from "./page.ts"
import { plugins } from "./plugins.ts"
import { small } from "./small.ts"
import { start } from "./start.ts"
import { status } from "./status.ts"
import { unchanged } from "./unchanged.ts"

/** In the order of the table. */
export const benches: readonly Bench[] = [
  start,
  status,
  listing,
  exporting,
  small,
  unchanged,
  hard,
  plugins,
  hook,
  archive,
  many,
  indexing,
  page,
  growing,
  team,
]
