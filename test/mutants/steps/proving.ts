/** What an earlier export is worth, and what a receipt opens. */
import type { Mutant } from "../mutants.ts"

const incomplete = "test/unit/rescue/incomplete.test.ts"
const unchanged = "test/export/saving/unchanged.test.ts"
const again = "test/export/saving/again.test.ts"
const receipt = "test/kill/refusing/receipt.test.ts"
const meanwhile = "test/kill/between-steps.test.ts"

const inRecheck = [
  {
    name: "link-is-no-copy",
    find: "  const linked = ours.inode === theirs.inode && ours.device === theirs.device // safety: link-is-no-copy",
    replace: "  const linked = ours.fd === theirs.fd",
    tests: [unchanged],
  },
  {
    name: "recheck-fsync",
    find: `    // safety: recheck-fsync
    await flushFile(ours.fd) // a run that was cut off may have published without flushing
`,
    replace: "",
    tests: [again],
  },
  {
    name: "recheck-forget",
    find: "    ;(await pageCache()).forget(ours.fd) // safety: recheck-forget\n",
    replace: "",
    tests: [again],
  },
  {
    name: "recheck-compare",
    find: `    // safety: recheck-compare
    const same = await compareBytes(side(theirs), side(ours), file.length, progress, sums)
`,
    replace: "    const same = await compareBytes(side(ours), side(ours), file.length, progress, sums)\n",
    tests: [unchanged],
  },
  {
    name: "recheck-sum",
    find: `      if (sha256 !== file.sha256) return "damaged" // safety: recheck-sum\n`,
    replace: "",
    tests: [unchanged],
  },
  {
    name: "recheck-fate",
    find: `      if (fate !== "same" && fate !== "vanished") return "changed" // safety: recheck-fate\n`,
    replace: "",
    tests: ["test/unit/rescue/save.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/verify/reverify.ts", ...each }))

const inUnchanged = [
  {
    name: "unchanged-links",
    find: "  if (!linksUnchanged(plan, saved)) return null // safety: unchanged-links\n",
    replace: "",
    tests: ["test/export/footprint.test.ts"],
  },
  {
    name: "unchanged-fsync",
    find: "    const flushed = [...folders].map((each) => flushFolder(each)) // safety: unchanged-fsync",
    replace: '    const flushed = [...folders].map((each) => each !== "")',
    tests: [again],
  },
  {
    name: "inside-export",
    find: `    // safety: inside-export
    if (file === undefined || !isInside(file, \`\${name}.jsonl\`)) return []
`,
    replace: "    if (file === undefined) return []\n",
    tests: [unchanged],
  },
].map((each): Mutant => ({ file: "src/rescue/export/unchanged.ts", ...each }))

const inReceipt = [
  {
    name: "receipt-unconfirmed",
    find: `  // safety: receipt-unconfirmed
  const files = saved.map((result) => (result.status === "unconfirmed" ? undefined : proofs.get(result)))
`,
    replace: "  const files = saved.map((result) => proofs.get(result))\n",
    tests: [receipt],
  },
  {
    name: "receipt-proved",
    find: "  if (files.some((each) => each === undefined)) return null // safety: receipt-proved\n",
    replace: "",
    tests: [receipt],
  },
  {
    name: "receipt-whole",
    find: "  if (!coversAll(receipt, footprint)) return null // safety: receipt-whole\n",
    replace: "",
    tests: [receipt],
  },
  {
    name: "receipt-issued",
    find: `  if (!issued.has(receipt)) return "the receipt was not issued by this run" // safety: receipt-issued\n`,
    replace: "",
    tests: [receipt],
  },
  {
    name: "receipt-holder",
    find: `  if (!sameProcess(receipt.holder, holder)) return "the receipt is for another process" // safety: receipt-holder\n`,
    replace: "",
    tests: [receipt],
  },
  {
    name: "receipt-new-files",
    find: `  // safety: receipt-new-files
  if (!coversAll(receipt, footprint)) return "new files have appeared since the export"
`,
    replace: "",
    tests: [receipt],
  },
  {
    name: "receipt-grown",
    find: `  return grown === undefined ? null : "it has written since the export" // safety: receipt-grown`,
    replace: "  return grown === undefined ? null : null",
    tests: [receipt],
  },
  {
    name: "receipt-same-file",
    find: "  const sameFile = now.dev === file.device && now.ino === file.inode // safety: receipt-same-file",
    replace: "  const sameFile = true",
    tests: [receipt],
  },
  {
    name: "receipt-rewritten",
    find: `  // safety: receipt-rewritten
  return sameFile && Number(now.size) === file.length && now.ctimeNs === file.changedAt
`,
    replace: "  return sameFile && Number(now.size) === file.length\n",
    tests: [receipt],
  },
].map((each): Mutant => ({ file: "src/rescue/receipt.ts", ...each }))

const recorded = "test/export/saving/recorded.test.ts"
const asRecorded = "test/unit/rescue/as-recorded.test.ts"

/** An export counts as unchanged without being read. */
const inRecorded = [
  {
    name: "recorded-change-time",
    find: `  // safety: recorded-change-time
  return same && Number(now.size) === length && String(now.ctimeNs) === changedAt`,
    replace: "  return same && Number(now.size) === length",
    tests: [recorded],
  },
  {
    name: "recorded-manifest",
    find: `  // safety: recorded-manifest
  if (proof === null || !(Number(proof.ctimeMs) <= latest)`,
    replace: "  if (proof === null || Number.isNaN(latest)",
    tests: [asRecorded],
  },
  {
    name: "recorded-copy",
    find: "    return String(file.ino) === inode && file.ctimeNs <= proof.ctimeNs // safety: recorded-copy",
    replace: "    return String(file.ino) === inode",
    tests: [recorded],
  },
  {
    name: "recorded-local",
    find: "telling.has(statfsSync(fsPath(path)).type) // safety: recorded-local",
    replace: "telling.has(statfsSync(fsPath(path)).type | 0xef53 ? 0xef53 : 0)",
    tests: [recorded],
  },
].map((each): Mutant => ({ file: "src/rescue/export/as-recorded.ts", ...each }))

const aroundRecorded: readonly Mutant[] = [
  {
    name: "read-now",
    file: "src/rescue/export/save.ts",
    find: `options.unchanged === "recorded" ? findRecorded(plan, saved, options.md5) : null // safety: read-now`,
    replace: "findRecorded(plan, saved, options.md5)",
    tests: [recorded, "test/kill/ended.test.ts"],
  },
  {
    name: "recorded-flush-age",
    file: "src/rescue/export/folder-flushes.ts",
    find: "if (last !== undefined && namedAtMs + maxClockLagMs < last.at) return last.flushed // safety: recorded-flush-age",
    replace: "if (last !== undefined && namedAtMs > 0) return last.flushed",
    tests: [asRecorded],
  },
  {
    name: "recorded-fsync",
    file: "src/rescue/export/folder-flushes.ts",
    find: "flushFolder(folder) // safety: recorded-fsync",
    replace: 'folder !== "" || flushFolder(folder)',
    tests: [recorded],
  },
  {
    name: "settled",
    file: "src/rescue/io/source-file.ts",
    find: "hasFractions && openedAt - Number(changedAt / nsPerMs) > maxClockStepMs // safety: settled",
    replace: "hasFractions || openedAt - Number(changedAt / nsPerMs) > maxClockStepMs",
    tests: [asRecorded],
  },
  {
    name: "manifest-last",
    file: "src/rescue/export/staging.ts",
    find: `  // safety: manifest-last
  discard(staging.transcript)
  discard(staging.manifest)
`,
    replace: `  discard(staging.manifest)
  discard(staging.transcript)
`,
    tests: [recorded],
  },
]

export const proving: readonly Mutant[] = [
  ...inRecorded,
  ...aroundRecorded,
  ...inRecheck,
  ...inUnchanged,
  ...inReceipt,
  {
    name: "read-inside",
    file: "src/rescue/catalog/export-files.ts",
    find: "  // safety: read-inside\n  if (why !== null) {",
    replace: "  if (why !== null && (false as boolean)) {",
    tests: ["test/unit/rescue/export-files.test.ts"],
  },
  {
    name: "whole-or-incomplete",
    file: "src/pipeline/examine-whole.ts",
    find: "    return { session, unread, trouble: about[0]?.error ?? null } // safety: whole-or-incomplete",
    replace: "    return { session, unread: unread.slice(unread.length), trouble: about[0]?.error ?? null }",
    tests: ["test/export/refused.test.ts"],
  },
  {
    name: "not-empty",
    file: "src/pipeline/export-sessions.ts",
    find: `    if (result.status === "empty" && whole.trouble !== null) throw whole.trouble // safety: not-empty\n`,
    replace: "",
    tests: ["test/export/refused.test.ts"],
  },
  {
    name: "incomplete",
    file: "src/rescue/export/save.ts",
    find: `  return missingIn(manifest).length > 0 ? "incomplete" : best // safety: incomplete`,
    replace: "  return missingIn(manifest).length > 0 ? best : best",
    tests: [incomplete],
  },
  {
    name: "unread-said",
    file: "src/rescue/export/staging.ts",
    find: "    unread.push({ source, relative, why: describeSourceError(error, source) }) // safety: unread-said",
    replace: "    describeSourceError(error, relative)",
    tests: [incomplete],
  },
  {
    name: "only-sources-missing",
    file: "src/rescue/export/staging.ts",
    find: "    if (!isSourceError(error)) throw error // safety: only-sources-missing",
    replace:
      "    if (!((each: unknown): each is ReturnType<typeof toWriteError> => each instanceof Error)(error)) throw error",
    tests: ["test/export/refused.test.ts"],
  },
  {
    name: "still-missing",
    file: "src/rescue/export/still-missing.ts",
    find: "  if (!same || !missing.every(isUnreadable)) return null // safety: still-missing\n",
    replace: "  if (!same && !missing.every(isUnreadable) && own.length > 99) return null\n",
    tests: [incomplete],
  },
  {
    name: "receipt-incomplete",
    file: "src/rescue/receipt.ts",
    find: "  if (!missing.every(({ path }) => givenUp.includes(path))) return null // safety: receipt-incomplete\n",
    replace: "  if (missing.length > 99) return null\n",
    tests: [incomplete],
  },
  {
    name: "every-candidate",
    file: "src/pipeline/export-sessions.ts",
    find: "      if (session.candidates.length === 0) return [session] // safety: every-candidate",
    replace: "      if (session.candidates.length >= 0) return [session]",
    tests: ["test/export/selection.test.ts", "test/kill/ended.test.ts"],
  },
  {
    name: "answer-lost",
    file: "src/system/terminal/stdout.ts",
    find: "      else throw unwritten(code || String(error)) // safety: answer-lost",
    replace: "      else closed = true",
    tests: ["test/faults/rows/row04-full-disk.test.ts"],
  },
  {
    name: "footprint-anew",
    file: "src/operations/kill/save-then-terminate.ts",
    find: "        const now = await refreshSession(session, ctx) // safety: footprint-anew",
    replace: "        const now: SessionSnapshot | null = snapshot",
    tests: [meanwhile],
  },
]
