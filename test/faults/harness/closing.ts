/** Preloaded into the fault suite: when the last file is through, says what was done and what was not. */
import { afterAll } from "bun:test"
import { notesSoFar, summary } from "./counters.ts"

afterAll(() => console.error(summary(notesSoFar())))
