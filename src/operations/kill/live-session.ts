import type { LiveProcess } from "../../domain/session/session.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"

/** A session that certainly has a process. */
export type LiveSession = ClassifiedSession & { readonly process: LiveProcess }
