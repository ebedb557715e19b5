/** What the watcher and the hooks do not do: fill the disk, run twice, or call hung what slept. */
import type { Mutant } from "../mutants.ts"

const inRoom = [
  {
    name: "watch-space",
    find: `  if (freeBytes !== null && disk !== null && freeBytes - session.sizeBytes < disk * minFreeShare)
    return "no space" // safety: watch-space
`,
    replace: `  if (freeBytes !== null && disk !== null && freeBytes < -disk * minFreeShare) return "no space"
`,
    tests: ["test/watch/space.test.ts"],
  },
  {
    name: "watch-limit",
    find: `  return unprocessedBytes(paths, session.id) + session.sizeBytes > maxBytes ? "limit" : null // safety: watch-limit
`,
    replace: `  return unprocessedBytes(paths, session.id) > maxBytes * 1e9 + 1e12 ? "limit" : null
`,
    tests: ["test/watch/once.test.ts", "test/watch/hook-saves.test.ts"],
  },
].map((mutant): Mutant => ({ ...mutant, file: "src/operations/auto-save/room.ts" }))

const inTurn = [
  {
    name: "save-in-turn",
    find: `    return await lockExport(watchFolder(paths), lockName) // safety: save-in-turn
`,
    replace: `    return await lockExport(watchFolder(paths), \`\${lockName}-\${process.pid}-\${Math.random()}\`)
`,
    tests: ["test/unit/operations/auto-save/turn.test.ts"],
  },
  {
    name: "turn-waits-bounded",
    find: `    if (waited >= waitMs || signal.aborted) return { is: "beside another", end: () => {} } // safety: turn-waits-bounded
`,
    replace: "",
    tests: ["test/unit/operations/auto-save/turn.test.ts"],
  },
].map((mutant): Mutant => ({ ...mutant, file: "src/operations/auto-save/turn.ts" }))

export const watching: readonly Mutant[] = [
  ...inRoom,
  ...inTurn,
  {
    name: "auto-save-room",
    file: "src/operations/auto-save/auto-save.ts",
    find: `    const done = isFull ? { result: why, removed: 0 } : await saveAndReplace(session, facts) // safety: auto-save-room
`,
    replace: `    const done = await saveAndReplace(session, facts)
`,
    tests: ["test/watch/hook-saves.test.ts"],
  },
  {
    name: "watch-cut-off",
    file: "src/operations/watch/watching.ts",
    find: `(note.savedSize === savingNow ? { ...note, savedAt: null } : note) // safety: watch-cut-off
`,
    replace: `(note.savedSize === savingNow ? { ...note } : note)
`,
    tests: ["test/watch/resident.test.ts"],
  },
  {
    name: "watch-untold",
    file: "src/operations/watch/watching.ts",
    find: `      if (note !== undefined) notes[key] = { ...notes[key], [reason]: { ...note, toldMark: null } } // safety: watch-untold
`,
    replace: `      if (note !== undefined) notes[key] = { ...notes[key], [reason]: { ...note } }
`,
    tests: ["test/unit/operations/watch/memory.test.ts"],
  },
  {
    name: "watch-tells-again",
    file: "src/operations/watch/watcher.ts",
    find: `      this.#gathered.unshift(...notices) // safety: watch-tells-again
`,
    replace: "",
    tests: ["test/unit/operations/watch/telling.test.ts"],
  },
  {
    name: "one-watcher",
    file: "src/operations/watch/open.ts",
    find: `  return lockExport(watchFolder(paths), lockName) // safety: one-watcher
`,
    replace: `  return lockExport(watchFolder(paths), \`\${lockName}-\${process.pid}\`)
`,
    tests: ["test/watch/resident.test.ts"],
  },
  {
    name: "watch-slept",
    file: "src/operations/watch/watcher.ts",
    find: `    if (hasSlept(this.#before, after, this.#plannedMs)) this.#facts.watching.hasSlept(after.wall) // safety: watch-slept
`,
    replace: `    if (hasSlept(this.#before, after, Number.MAX_SAFE_INTEGER)) this.#facts.watching.hasSlept(after.wall)
`,
    tests: ["test/unit/operations/watch/watcher.test.ts"],
  },
]
