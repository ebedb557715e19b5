import type { ClientVersion } from "../../harness/versions.ts"
import { alone } from "./alone.ts"
import { inBackground } from "./background.ts"
import type { SituationContext } from "./context.ts"
import { talking } from "./talking.ts"
import { waiting } from "./waiting.ts"

/** Something that happens to a client: driven, looked at, and left so that the next can follow. */
export interface Situation {
  readonly name: string
  /** Its folder, which the client trusts. */
  readonly folder: string
  /** The versions with which it can happen; without it, all. */
  readonly suits?: (version: ClientVersion) => boolean
  drive(context: SituationContext, folder: string): Promise<void>
}

export const situations: readonly Situation[] = [...alone, ...talking, ...waiting, ...inBackground]
