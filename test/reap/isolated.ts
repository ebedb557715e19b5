/**
 * `reap` ends what any session of this user has left. Its tests run only where nobody else's processes are to be seen;
 * elsewhere they could end a person's own.
 */
import * as bun from "bun:test"
import { isolated } from "../guard.ts"

if (!isolated) console.warn("SKIPPED: reap was NOT tested: there is no namespace of our own to be had here")

export const test = bun.test.skipIf(!isolated)
export const describe = bun.describe.skipIf(!isolated)
