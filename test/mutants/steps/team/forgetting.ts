/** Whose a session is in a team's archive, and that nothing of it stays there once it was forgotten. */
import type { Mutant } from "../../mutants.ts"

export const forgetting: readonly Mutant[] = [
  {
    name: "push-own",
    file: "src/operations/team/candidates.ts",
    find: `    return ofFolder(folder) ?? (ofOthers.has(session) ? "pulled" : null) // safety: push-own
`,
    replace: `    return ofFolder(folder) ?? (ofOthers.has(session) && session === "" ? "pulled" : null)
`,
    tests: ["test/team/push.test.ts"],
  },
  {
    name: "pull-noted-first",
    file: "src/operations/team/fetch/pull.ts",
    find: `    await appendAudit(paths, auditEntry(remote, of, "pull")) // safety: pull-noted-first
`,
    replace: `    await appendAudit(paths, auditEntry(remote, of, "pull")).catch(() => {})
`,
    tests: ["test/team/push.test.ts"],
  },
  {
    name: "push-tombstone-after",
    file: "src/operations/team/push.ts",
    find: `        // safety: push-tombstone-after
        if (!(await isForgotten(remote, of.session))) {
`,
    replace: `        if (of.session !== "" || !(await isForgotten(remote, of.session))) {
`,
    tests: ["test/team/s3/forget.test.ts"],
  },
  {
    name: "forget-lists-after",
    file: "src/operations/team/forget.ts",
    find: `    const found = await listRemote(remote, sessionPrefix(remote.owner, session)) // safety: forget-lists-after
`,
    replace: `    const found = seen.size < 0 ? await listRemote(remote, sessionPrefix(remote.owner, session)) : before
`,
    tests: ["test/team/s3/forget.test.ts"],
  },
  {
    name: "list-whole",
    file: "plugins/store/store-s3/index.ts",
    find: `  // safety: list-whole
  if (isTruncated !== "true" || next === "" || seen.has(next))
`,
    replace: `  if (isTruncated !== "true" || next === "" || seen.has(next)) return undefined
  if (next === "never")
`,
    tests: ["test/team/s3/forget.test.ts"],
  },
]
