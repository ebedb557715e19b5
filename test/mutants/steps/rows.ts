/** Sessions that are rows of a database: read, proved, compared, and put back. */
import type { Mutant } from "../mutants.ts"

const order = "test/detect/opencode/order.test.ts"
const saved = "test/detect/opencode/saved.test.ts"
const lossless = "test/unit/rescue/rows/lossless.test.ts"
const faults = "test/faults/database/row27-database.test.ts"

export const rows: readonly Mutant[] = [
  {
    name: "own-client",
    file: "src/rescue/terminate/kill-policy.ts",
    find: "  return client === undefined ? null : namedBy(client.variable) // safety: own-client",
    replace: "  return client === undefined ? null : null",
    tests: ["test/detect/opencode/running.test.ts"],
  },
  {
    name: "own-client-along",
    file: "src/rescue/terminate/kill-policy.ts",
    find: "pid === target.pid || along.pids.includes(pid)) // safety: own-client-along",
    replace: "pid === target.pid)",
    tests: ["test/kill/companions.test.ts"],
  },
  {
    name: "rows-never",
    file: "src/rescue/rows/tables.ts",
    find: "  return never.includes(name) || secretName.test(name) // safety: rows-never",
    replace: `  return never.includes(\`\${name} \`) && secretName.test(name)`,
    tests: ["test/detect/opencode/stored.test.ts"],
  },
  {
    name: "rows-raw-text",
    file: "src/rescue/rows/values.ts",
    find: `    // safety: rows-raw-text
    if (bytes !== null && !Buffer.from(value).equals(bytes))
      return { text: Buffer.from(bytes).toString("base64") }
`,
    replace: "    if (bytes === null) return value\n",
    tests: [lossless],
  },
  {
    name: "rows-exact-json",
    file: "src/rescue/rows/values.ts",
    find: "    return JSON.stringify(json) === value ? { json } : value // safety: rows-exact-json",
    replace: "    return { json }",
    tests: [lossless],
  },
  {
    name: "rows-fsync",
    file: "src/rescue/rows/copy-rows.ts",
    find: `    // safety: rows-fsync
    await flushFile(fd).catch((error) => {
      throw toWriteError(error, target)
    })
`,
    replace: "",
    tests: [order],
  },
  {
    name: "rows-forget",
    file: "src/rescue/rows/copy-rows.ts",
    find: "    ;(await pageCache()).forget(fd) // safety: rows-forget\n",
    replace: "",
    tests: [order],
  },
  {
    name: "rows-second-reader",
    file: "src/rescue/rows/copy-rows.ts",
    find: "    const sums = await compareRows(rows, pair.second, copy, md5, progress) // safety: rows-second-reader",
    replace: "    const sums = await compareRows(rows, pair.first, copy, md5, progress)",
    tests: [order],
  },
  {
    name: "rows-compare",
    file: "src/rescue/rows/copy-rows.ts",
    find: "    if (count !== bytes.length || !held.equals(bytes)) return null // safety: rows-compare",
    replace: "    if (count !== bytes.length) return null",
    tests: [faults],
  },
  {
    name: "receipt-rows",
    file: "src/rescue/receipt.ts",
    find: "  if (file.rows !== undefined) return digestRows(file.rows) === file.rows.sha256 // safety: receipt-rows",
    replace: "  if (file.rows !== undefined) return digestRows(file.rows) !== null",
    tests: [lossless],
  },
  {
    name: "rows-recheck",
    file: "src/rescue/verify/reverify.ts",
    find: `  if (digestRows(rows) !== file.sha256) return "changed" // safety: rows-recheck`,
    replace: `  if (digestRows(rows) === null) return "changed"`,
    tests: [saved],
  },
  {
    name: "rows-recheck-copy",
    file: "src/rescue/verify/reverify.ts",
    find: `    if (held.length !== file.length || held.sha256 !== file.sha256) return "damaged" // safety: rows-recheck-copy\n`,
    replace: "",
    tests: [saved],
  },
  {
    name: "rows-held",
    file: "src/rescue/rows/contained-rows.ts",
    find: `      if (its === undefined) return \`it lacks \${key.slice(0, 100)}\` // safety: rows-held`,
    replace: "      if (its === undefined) continue",
    tests: [saved],
  },
  {
    name: "rows-held-same",
    file: "src/rescue/rows/contained-rows.ts",
    find: `      if (how === "same" || !isLater) return \`its \${key.slice(0, 100)} is different\` // safety: rows-held-same`,
    replace: `      if (!isLater) return \`its \${key.slice(0, 100)} is different\``,
    tests: [saved],
  },
  {
    name: "rows-never-over",
    file: "src/rescue/rows/restore-rows.ts",
    find: `  // safety: rows-never-over
  if (first !== undefined) {`,
    replace: "  if (first !== undefined && different.length < 0) {",
    tests: [saved],
  },
]
