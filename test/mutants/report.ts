/** What is said of each mutant, and at the end. */
export type Verdict =
  | { readonly kind: "caught"; readonly by: string }
  | { readonly kind: "survived" }
  /** It is no working program: that proves nothing about the step. */
  | { readonly kind: "broken"; readonly why: string }

export interface Result {
  readonly name: string
  readonly file: string
  readonly tests: readonly string[]
  readonly verdict: Verdict
  readonly seconds: number
}

export function line({ name, file, tests, verdict, seconds }: Result): string {
  const time = `${seconds.toFixed(1)} s`
  switch (verdict.kind) {
    case "caught":
      return `caught    ${name.padEnd(20)} ${verdict.by}  (${time})`
    case "survived":
      return `SURVIVED  ${name.padEnd(20)} taken out of ${file}, and these stayed green: ${tests.join(", ")}  (${time})`
    case "broken":
      return `BROKEN    ${name.padEnd(20)} without it ${file} is no working program: ${verdict.why}`
  }
}

/** The closing lines; the last is always `N caught, N survived`. */
export function closing(results: readonly Result[], total: number): string[] {
  const count = (kind: Verdict["kind"]) => results.filter(({ verdict }) => verdict.kind === kind).length
  const by = Map.groupBy(
    results.flatMap(({ verdict }) => (verdict.kind === "caught" ? [verdict.by.split(":")[0] ?? ""] : [])),
    (file) => file,
  )
  const files = [...by].map(([file, each]) => `${each.length} by ${file}`).toSorted()
  const untried = total - results.length
  return [
    ...files.map((each) => `  ${each}`),
    ...(count("broken") > 0 ? [`${count("broken")} BROKEN: they prove nothing until they are mended`] : []),
    ...(untried > 0 ? [`${untried} not tried`] : []),
    `${count("caught")} caught, ${count("survived")} survived`,
  ]
}

/** Whether every step was tried, and every removal noticed. */
export function allCaught(results: readonly Result[], total: number): boolean {
  return results.length === total && results.every(({ verdict }) => verdict.kind === "caught")
}
