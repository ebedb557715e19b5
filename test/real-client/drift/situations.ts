import type { ClientVersion } from "../versions.ts"
import { alone } from "./situations-alone.ts"
import { inBackground } from "./situations-background.ts"
import { talking } from "./situations-talking.ts"
import { waiting } from "./situations-waiting.ts"
import type { Stage } from "./stage.ts"

/** Something that happens to a client: driven, looked at, and left so that the next can follow. */
export interface Situation {
  readonly name: string
  /** Its folder, which the client trusts. */
  readonly folder: string
  /** The versions with which it can happen; without it, all. */
  readonly suits?: (version: ClientVersion) => boolean
  drive(stage: Stage, folder: string): Promise<void>
}

export const situations: readonly Situation[] = [...alone, ...talking, ...waiting, ...inBackground]
