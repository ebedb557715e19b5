import type { Stage } from "../../sdk/contracts.ts"

/** How long a plugin may take for one answer, in milliseconds, unless the config file says otherwise. */
export const timeLimits: Readonly<Record<Stage, number>> = {
  detect: 5_000,
  classify: 5_000,
  act: 60_000,
  "post-process": 60_000,
  archive: 3_600_000,
}
