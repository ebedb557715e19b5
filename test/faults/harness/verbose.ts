const said = new Set<string>()

/** Whether a program is there that a test needs; when it is not, the run says so where nobody can miss it. */
export function loudly(program: string): boolean {
  const found = Bun.which(program) !== null
  if (!found && !said.has(program))
    console.error(`\n!!! ${program} IS MISSING: tests that need it are SKIPPED\n`)
  said.add(program)
  return found
}
