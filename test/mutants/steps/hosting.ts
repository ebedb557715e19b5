// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** What a user's plugin may decide, and what it may do to an export. */
import type { Mutant } from "../mutants.ts"

export const hosting: readonly Mutant[] = [
  {
    name: "export-looked-at",
    file: "src/pipeline/queue/post-process.ts",
    find: `  const damaged = await findChanges(exported, before, uninterruptible) // safety: export-looked-at`,
    replace: `  const damaged: readonly string[] = before.size < 0 ? [""] : []`,
    tests: ["test/plugins/post-process.test.ts"],
  },
  {
    name: "export-guarded",
    file: "src/pipeline/queue/run-plugin.ts",
    find: `  const guard = source === "user" ? await guardExport(saved) : null // safety: export-guarded`,
    replace: `  const guard = null as Awaited<ReturnType<typeof guardExport>> | null`,
    tests: ["test/archive/queue.test.ts"],
  },
  {
    name: "guard-no-links",
    file: "src/rescue/protect/hardlink-guard.ts",
    find: `    displaceNonFolders(folder, dirname(path)) // safety: guard-no-links
`,
    replace: ``,
    tests: ["test/archive/guard.test.ts"],
  },
  {
    name: "current-not-asked",
    file: "src/plugin-host/proxies/classify.ts",
    find: `      if (session.current !== null) return null // safety: current-not-asked
`,
    replace: ``,
    tests: ["test/plugins/verdicts.test.ts"],
  },
  {
    name: "verdict-possible",
    file: "src/plugin-host/protocol/answers.ts",
    find: `  if (possible.includes(state)) return result.output // safety: verdict-possible`,
    replace: `  if (possible.length > 0) return result.output`,
    tests: ["test/plugins/verdicts.test.ts"],
  },
  {
    name: "plan-own-session",
    file: "src/plugin-host/protocol/answers.ts",
    find: `  // safety: plan-own-session
  if (given.id !== session.id || given.session.id !== session.id || !same) {`,
    replace: `  if (!same && (false as boolean)) {`,
    tests: ["test/plugins/commands.test.ts"],
  },
  {
    name: "found-alive",
    file: "src/plugin-host/protocol/answers.ts",
    find: `    // safety: found-alive
    if (live !== null && !alive(live.pid, live.startMark)) {`,
    replace: `    if (live !== null && !alive(live.pid, live.startMark) && (false as boolean)) {`,
    tests: ["test/plugins/verdicts.test.ts"],
  },
]
