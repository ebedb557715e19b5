// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** Text that is not ours on its way to a terminal. */
import type { Mutant } from "../mutants.ts"

const plain = "test/unit/view/sanitize.test.ts"
const untrusted = "test/unit/view/untrusted.test.ts"

export const showing: readonly Mutant[] = [
  {
    name: "no-escapes",
    file: "src/view/terminal/sanitize.ts",
    find: `    .replace(escapes, "") // safety: no-escapes\n`,
    replace: `    .replace(escapes, (found) => found)\n`,
    tests: [plain],
  },
  {
    name: "no-controls",
    file: "src/view/terminal/sanitize.ts",
    find: `    .replace(controls, "") // safety: no-controls\n`,
    replace: `    .replace(controls, (found) => found)\n`,
    tests: [plain],
  },
  {
    name: "plain-leftover",
    file: "src/view/reap/reap.ts",
    find: "  out.print(margin + fitColumns(sanitize(shortPath(leftover.command, home)), width)) // safety: plain-leftover",
    replace: "  out.print(margin + fitColumns(shortPath(leftover.command, home), width))",
    tests: ["test/unit/view/views.test.ts"],
  },
  {
    name: "plain-detail",
    file: "src/view/sessions/session-words.ts",
    find: "return sanitize(detail) // safety: plain-detail",
    replace: "return detail",
    tests: [untrusted],
  },
  {
    name: "plain-title",
    file: "src/view/sessions/session-words.ts",
    find: "return sanitize(title) // safety: plain-title",
    replace: "return title",
    tests: [untrusted],
  },
  {
    name: "plain-folder",
    file: "src/view/sessions/session-words.ts",
    find: "sanitize(shortPath(session.cwd, facts.home)), // safety: plain-folder",
    replace: "shortPath(session.cwd, facts.home),",
    tests: [untrusted],
  },
  {
    name: "plain-evidence",
    file: "src/view/sessions/one-session.ts",
    find: "${sanitize(message)}`), // safety: plain-evidence",
    replace: "${message}`),",
    tests: [untrusted],
  },
  {
    name: "plain-last-message",
    file: "src/view/sessions/one-session.ts",
    find: "${sanitize(text)}`), // safety: plain-last-message",
    replace: "${text}`),",
    tests: [untrusted],
  },
  {
    name: "drawn-door",
    file: "src/view/terminal/output.ts",
    find: "(unicode ? stripControls(line) : asciiOnly(stripControls(line))) // safety: drawn-door",
    replace: "(unicode ? line : asciiOnly(line))",
    tests: ["test/unit/view/views.test.ts"],
  },
  {
    name: "plain-error",
    file: "src/view/terminal/error.ts",
    find: '  const [first = "", ...rest] = error.message.split("\\n").map(sanitize) // safety: plain-error',
    replace: '  const [first = "", ...rest] = error.message.split("\\n")',
    tests: [untrusted],
  },
  {
    name: "plain-warning",
    file: "src/view/terminal/error.ts",
    find: `  // safety: plain-warning
  for (const warning of warnings) out.note(\`\${out.paint.yellow("note:")} \${sanitize(warning)}\`)
`,
    replace: '  for (const warning of warnings) out.note(`${out.paint.yellow("note:")} ${warning}`)\n',
    tests: [untrusted],
  },
  {
    name: "plain-failure",
    file: "src/view/export/export.ts",
    find: "      facts: [sanitize(error.message)], // safety: plain-failure\n",
    replace: "      facts: [error.message],\n",
    tests: [untrusted],
  },
  {
    name: "plain-line-title",
    file: "src/view/terminal/session-line.ts",
    find: '  const name = title === null ? "" : sanitize(title) // safety: plain-line-title\n',
    replace: '  const name = title ?? ""\n',
    tests: [untrusted],
  },
  {
    name: "plain-reason",
    file: "src/view/kill/kill.ts",
    find: '  const why = reason === null ? "" : sanitize(reason) // safety: plain-reason',
    replace: '  const why = reason === null ? "" : reason',
    tests: [untrusted],
  },
  {
    name: "plain-child",
    file: "src/view/kill/kill.ts",
    find: `    // safety: plain-child
    for (const child of report.survivors)
      out.print(
        \`           \${describeDescendant(outcome, child, facts)} \${fitColumns(sanitize(child.command), 100)}\`,
      )
`,
    replace: `    for (const child of report.survivors)
      out.print(\`           \${describeDescendant(outcome, child, facts)} \${fitColumns(child.command, 100)}\`)
`,
    tests: [untrusted],
  },
  {
    name: "plain-companion",
    file: "src/view/kill/kill.ts",
    find: '  const title = session.title === null ? "" : `, "${fitColumns(sanitize(session.title), 60)}"` // safety: plain-companion',
    replace: '  const title = session.title === null ? "" : `, "${fitColumns(session.title, 60)}"`',
    tests: [untrusted],
  },
  {
    name: "plain-question",
    file: "src/view/kill/kill.ts",
    find: '  return session.title === null ? "" : `, "${fitColumns(sanitize(session.title), 60)}"` // safety: plain-question',
    replace: '  return session.title === null ? "" : `, "${fitColumns(session.title, 60)}"`',
    tests: ["test/kill/refusing/question.test.ts", untrusted],
  },
  {
    name: "plain-refused",
    file: "src/view/kill/group-question.ts",
    find: '${sanitize(reason ?? "")}` // safety: plain-refused',
    replace: '${reason ?? ""}`',
    tests: [untrusted],
  },
  {
    name: "last-door",
    file: "src/view/terminal/output.ts",
    find: `    // safety: last-door
    terminal ? (unicode ? stripControls(text) : asciiOnly(stripControls(text))) : text`,
    replace: `    terminal ? (unicode ? text : asciiOnly(text)) : text`,
    tests: ["test/unit/view/views.test.ts"],
  },
  {
    name: "exact-door",
    file: "src/view/terminal/output.ts",
    find: `    exact: (text) => streams.put(\`\${onTerminal ? stripControls(text) : text}\\n\`), // safety: exact-door`,
    replace: `    exact: (text) => streams.put(\`\${text}\\n\`),`,
    tests: ["test/unit/view/views.test.ts"],
  },
  {
    name: "json-door",
    file: "src/view/terminal/output.ts",
    find: `    print: (text) => streams.put(\`\${options.json ? escapeJsonControls(text) : shown(onTerminal, text)}\\n\`), // safety: json-door`,
    replace: `    print: (text) => streams.put(\`\${options.json ? text : shown(onTerminal, text)}\\n\`),`,
    tests: ["test/unit/view/views.test.ts"],
  },
]
