import type { LiveProcess } from "../session/session.ts"
import type { ClassifiedSession } from "./stages.ts"

/** A session that certainly has a process. */
export type LiveSession = ClassifiedSession & { readonly process: LiveProcess }
