// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** Putting an export back: where, over what, while whom, and proved. */
import type { Mutant } from "../mutants.ts"

const inTemporary = [
  {
    name: "restore-sum",
    find: `      // safety: restore-sum
      if (stored.length !== file.length || stored.sha256 !== file.sha256) {`,
    replace: `      if (stored.length < 0) {`,
    tests: ["test/restore/hostile.test.ts"],
  },
  {
    name: "restore-fsync",
    find: `    const flushed = await this.#flush?.flush(written.map(({ fd }) => fd)) // safety: restore-fsync
`,
    replace: `    const flushed = await this.#flush?.flush([])
`,
    tests: ["test/restore/order.test.ts"],
  },
  {
    name: "restore-flush-failed",
    find: `        // safety: restore-flush-failed
        if (flushed?.failed.has(fd)) throw flushed.failed.get(fd)
`,
    replace: ``,
    tests: ["test/restore/many.test.ts"],
  },
  {
    name: "restore-read-back",
    find: `        // safety: restore-read-back
        if (found.length !== file.length || found.sha256 !== file.sha256) {`,
    replace: `        if (found.length < 0) {`,
    tests: ["test/restore/faults.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/restore/temp-file.ts", ...each }))

const inPutBack = [
  {
    name: "restore-last-look",
    find: `    const refused = await options.beforePublish(alive) // safety: restore-last-look
`,
    replace: `    const refused = new Map<RestoreItem, Error>()
`,
    tests: ["test/restore/order.test.ts"],
  },
  {
    name: "restore-transcript-last",
    find: `  // safety: restore-transcript-last
  await publishAll("other")
  flush() // the client finds a session by its transcript
  await publishAll("transcript")
`,
    replace: `  await publishAll("transcript")
  flush()
  await publishAll("other")
`,
    tests: ["test/restore/order.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/restore/restore.ts", ...each }))

const inPublish = [
  {
    name: "restore-as-looked-at",
    find: `  // safety: restore-as-looked-at
  if (!isSame(statTarget(path), present)) throw changedSince(path)
  if ((await exchangeFiles(temporary, path)) === "replaced") return
  // the file that was there is held now, whatever came between the look and the exchange
  if (isSame(statTarget(temporary), present)) return
  await exchangeFiles(temporary, path)
  throw changedSince(path)
`,
    replace: `  await exchangeFiles(temporary, path)
`,
    tests: ["test/restore/order.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/restore/publish.ts", ...each }))

const inHeld = [
  {
    name: "restore-held",
    find: `    if (!named && !likely) continue // safety: restore-held
`,
    replace: `    if ((!named && !likely) || (true as boolean)) continue
`,
    tests: ["test/restore/refused.test.ts"],
  },
  {
    name: "restore-likely",
    find: `isSameFolder(place, (await examine(found, ctx)).cwd) // safety: restore-likely`,
    replace: `(await examine(found, ctx)).cwd === ""`,
    tests: ["test/restore/refused.test.ts"],
  },
  {
    name: "restore-growing",
    find: `    if (now?.size === then?.size && now?.modifiedAt === then?.modifiedAt) continue // safety: restore-growing
`,
    replace: `    if (now?.size === then?.size || now?.size !== then?.size) continue
`,
    tests: ["test/restore/refused.test.ts"],
  },
].map((each): Mutant => ({ file: "src/operations/restore/in-use.ts", ...each }))

const inRepaired = [
  {
    name: "repaired-reach",
    find: `  // safety: repaired-reach
  if (copy.reach.before < repair.before.reach.before)
`,
    replace: "  if (copy.reach.before < 0)\n",
    tests: ["test/repair/repair.test.ts"],
  },
].map((each): Mutant => ({ file: "src/operations/repair/put-back.ts", ...each }))

export const restoring: readonly Mutant[] = [
  ...inTemporary,
  ...inPutBack,
  ...inRepaired,
  ...inPublish,
  ...inHeld,
  {
    name: "restore-no-links",
    file: "src/rescue/restore/target.ts",
    find: `    if (now === undefined || now.isDirectory()) continue // safety: restore-no-links`,
    replace: `    if (now === undefined || now.isDirectory() || now.isSymbolicLink()) continue`,
    tests: ["test/restore/refused.test.ts"],
  },
  {
    name: "restore-contained",
    file: "src/domain/export/recorded-path.ts",
    find: `  if (sourceBase64 === undefined) return safePathParts(relative) === null ? null : relative // safety: restore-contained`,
    replace: `  if (sourceBase64 === undefined) return relative`,
    tests: ["test/restore/hostile.test.ts"],
  },
  {
    name: "restore-own-place",
    file: "src/operations/restore/plan.ts",
    find: `  if (filed !== null && why === null) return filed // safety: restore-own-place`,
    replace: `  if (place !== null) return place`,
    tests: ["test/restore/hostile.test.ts"],
  },
  {
    name: "restore-outside-own",
    file: "src/operations/restore/plan.ts",
    find: "  return why === null ? target : { ...target, obstacle: target.obstacle ?? why } // safety: restore-outside-own",
    replace: "  return why === null || target.obstacle !== why ? target : target",
    tests: ["test/export/pointers.test.ts"],
  },
  {
    name: "restore-one-file",
    file: "src/operations/restore/sole-file.ts",
    find: `  if (main === file || plugin?.soleFile?.(main.relative) !== key) return null // safety: restore-one-file
`,
    replace: `  if (main === file || key !== null) return null
`,
    tests: ["test/detect/gemini/kept.test.ts"],
  },
  {
    name: "restore-sole",
    file: "src/operations/restore/sole-file.ts",
    find: `      // safety: restore-sole
      throw new RescueError(`,
    replace: `      void new RescueError(`,
    tests: ["test/detect/gemini/kept.test.ts"],
  },
  {
    name: "longest-records",
    file: "src/rescue/verify/pick-longest.ts",
    find: `      if (!(await holdsLater(later, earlier, { other, file, read, progress }))) return false // safety: longest-records
`,
    replace: `      await holdsLater(later, earlier, { other, file, read, progress })
`,
    tests: ["test/detect/gemini/rewritten.test.ts"],
  },
  {
    name: "restore-tied",
    file: "src/operations/restore/plan.ts",
    find: `  if (isTied && likeness === "different")
    return planned("skipped", \`\${showPath(target.path)} exists and differs\`) // safety: restore-tied
`,
    replace: "  showPath(target.path)\n",
    tests: ["test/export/pointers.test.ts"],
  },
  {
    name: "restore-force",
    file: "src/operations/restore/plan.ts",
    find: `  if (first === undefined || (force && plugin !== null)) return // safety: restore-force`,
    replace: `  if (first === undefined || different.length > 0) return`,
    tests: ["test/restore/restore.test.ts"],
  },
  {
    name: "restore-link-inside",
    file: "src/operations/restore/plan.ts",
    find: `  // safety: restore-link-inside
  if (!staysInside(place, leadsTo, [root.path, ...own]))`,
    replace: `  if (!staysInside(place, leadsTo, [root.path, ...own]) && (false as boolean))`,
    tests: ["test/restore/names.test.ts"],
  },
  {
    name: "longer-holds-all",
    file: "src/pipeline/naming/one-id.ts",
    find: `  if (!more.every((other) => beginsWith(first, other, ctx.files))) return null // safety: longer-holds-all
`,
    replace: `  if (!more.every((other) => beginsWith(first, other, ctx.files)) && (false as boolean)) return null
`,
    tests: ["test/commands/names.test.ts"],
  },
  {
    name: "restore-saves-first",
    file: "src/operations/restore/prepare.ts",
    find: `  const before = replaced.length === 0 ? [] : await saveReplaced(here, replaced, ctx, options) // safety: restore-saves-first`,
    replace: `  const before: readonly ExportResult[] = []`,
    tests: ["test/restore/restore.test.ts"],
  },
  {
    name: "pack-names",
    file: "src/rescue/pack/read-pack.ts",
    find: `    // safety: pack-names
    if (!isOurs(name) || sha256 === undefined || seen.has(name))`,
    replace: `    if (sha256 === undefined)`,
    tests: ["test/pack/pack.test.ts"],
  },
  {
    name: "pack-pax-size",
    file: "src/rescue/pack/read-pack.ts",
    find: `    // safety: pack-pax-size
    if (entry.size > maxPaxBytes)`,
    replace: `    if (entry.size > 2 ** 40)`,
    tests: ["test/pack/pack.test.ts"],
  },
  {
    name: "pack-plain-files",
    file: "src/rescue/pack/tar.ts",
    find: `  // safety: pack-plain-files
  if (type !== "" && type !== typeFile && type !== typePax)`,
    replace: `  if (type === "?")`,
    tests: ["test/pack/pack.test.ts"],
  },
  {
    name: "unpack-sum",
    file: "src/rescue/pack/unpack.ts",
    find: `      // safety: unpack-sum
      if (found.sha256 !== sha256) throw damagedPack(\`\${name} does not match its sum\`)
`,
    replace: ``,
    tests: ["test/pack/pack.test.ts"],
  },
  {
    name: "kept-files-inside",
    file: "src/rescue/derive/write-files.ts",
    find: `    // safety: kept-files-inside
    if (safePathParts(relative) === null)`,
    replace: `    if (relative === "")`,
    tests: ["test/repair/earlier.test.ts"],
  },
  {
    name: "recover-end",
    file: "src/operations/recover/loss.ts",
    find: `  // safety: recover-end
  return records.some((each) => each.kind === "deleted file" && each.file.length === file.length)`,
    replace: `  return records.some((each) => each.file.length === file.length)`,
    tests: ["test/recover/lost.test.ts"],
  },
  {
    name: "recover-after",
    file: "src/operations/recover/recover.ts",
    find: `    // safety: recover-after
    ...(loss.kind === "saved" && loss.knownUntil !== null`,
    replace: `    ...(loss.kind === "nothing" && loss !== null`,
    tests: ["test/recover/lost.test.ts"],
  },
  {
    name: "recover-equal-records",
    file: "src/operations/recover/merge.ts",
    find: "  return `${sum} ${number}` // safety: recover-equal-records",
    replace: "  return sum",
    tests: ["test/recover/remnants.test.ts"],
  },
]
