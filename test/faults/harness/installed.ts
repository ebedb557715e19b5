const reported = new Set<string>()

/** Whether a program is there that a test needs; when it is not, the run says so where nobody can miss it. */
export function isInstalled(program: string): boolean {
  const found = Bun.which(program) !== null
  if (!found && !reported.has(program))
    console.error(`\n!!! ${program} IS MISSING: tests that need it are SKIPPED\n`)
  reported.add(program)
  return found
}
