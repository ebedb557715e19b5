/** What `plugin new --stage sink` writes. */
export const sinkTemplate = `
import { definePlugin, type SinkAnswer, type SinkContext, type SinkPart, type SinkQuery } from "session-rescue"

// Chosen in config.toml with plugin = "NAME" under [team.sink]. This one keeps everything in a file of lines and reads
// it whole for each question: begin with what becomes of the four functions in an engine of yours.
export default definePlugin({
  name: "NAME",
  stage: "sink",
  options: { file: "string" },
  async prepare() {},
  async add(parts, ctx) {
    const known = new Set(readParts(ctx).map(({ id }) => id))
    await append(ctx, parts.filter(({ id }) => !known.has(id)))
  },
  async forget(owner, session, ctx) {
    const count = readParts(ctx).filter((part) => part.owner === owner && part.session === session).length
    await append(ctx, [{ forgotten: \`\${owner} \${session}\` }])
    return count
  },
  async search({ query, owner, limit }, ctx): Promise<SinkAnswer> {
    const found = readParts(ctx)
      .filter((part) => (owner === null || part.owner === owner) && (query === null || isMatch(query, part.words)))
      .sort((a, b) => (b.time ?? 0) - (a.time ?? 0))
    return { total: found.length, hits: found.slice(0, limit).map(({ words, ...part }) => part) }
  },
})

function isMatch(query: SinkQuery, words: readonly string[]): boolean {
  if (query.kind === "any") return query.terms.some((each) => isMatch(each, words))
  if (query.kind === "all")
    return query.terms.every((each) => isMatch(each, words)) && !query.not.some((each) => isMatch(each, words))
  const phrases = query.kind === "near" ? query.phrases : [query]
  return phrases.every((phrase) => words.some((_, at) => isPhraseAt(phrase, words, at)))
}

function isPhraseAt(phrase: { words: readonly string[]; prefix: boolean }, words: readonly string[], at: number): boolean {
  return phrase.words.every((word, n) =>
    phrase.prefix && n === phrase.words.length - 1 ? words[at + n]?.startsWith(word) : words[at + n] === word,
  )
}

function fileOf(ctx: SinkContext): string {
  return (ctx.options.file as string | undefined) ?? \`\${ctx.paths.home}/NAME.jsonl\`
}

function readParts(ctx: SinkContext): SinkPart[] {
  const lines = (ctx.files.text(fileOf(ctx), 1e9) ?? "").split("\\n").filter((line) => line !== "")
  const all = lines.map((line) => JSON.parse(line) as SinkPart & { readonly forgotten?: string })
  const forgotten = new Set(all.map((each) => each.forgotten))
  return all.filter((part) => part.id !== undefined && !forgotten.has(\`\${part.owner} \${part.session}\`))
}

async function append(ctx: SinkContext, lines: readonly unknown[]): Promise<void> {
  const text = lines.map((line) => \`\${JSON.stringify(line)}\\n\`).join("")
  const { code, stderr } = await ctx.run(["sh", "-c", 'cat >> "$0" && sync', fileOf(ctx)], { input: text })
  if (code !== 0) throw new Error(stderr)
}
`
