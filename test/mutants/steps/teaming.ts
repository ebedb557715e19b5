// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** What leaves for a team's archive, what is believed to be there, and what comes back. */
import type { Mutant } from "../mutants.ts"

const inProve = [
  {
    name: "prove-sum",
    find: `    if (found.sha256 !== object.sha256) throw differs("its checksum there is another") // safety: prove-sum
`,
    replace: ``,
    tests: ["test/team/prove.test.ts"],
  },
  {
    name: "prove-parts",
    find: `    // safety: prove-parts
    if ((await sumOfParts(object, found.parts.bytes)) !== found.parts.sha256)
      throw differs("its checksum there is another")
`,
    replace: `    await sumOfParts(object, found.parts.bytes)
`,
    tests: ["test/team/prove.test.ts"],
  },
  {
    name: "prove-read-back",
    find: `    if (hasher.digest("hex") !== object.sha256) throw differs("it reads back differently") // safety: prove-read-back
`,
    replace: ``,
    tests: ["test/team/prove.test.ts"],
  },
].map((mutant) => ({ ...mutant, file: "src/operations/team/prove.ts" }))

const inPush = [
  {
    name: "push-proved",
    file: "src/operations/team/push.ts",
    find: `          await proveStored(remote, name, object, was) // safety: push-proved
`,
    replace: `          if (was === undefined) await proveStored(remote, name, object, was)
`,
    tests: ["test/team/prove.test.ts"],
  },
  {
    name: "push-same-archive",
    file: "src/operations/team/push.ts",
    find: `    // safety: push-same-archive
    if (commit.recordSha256 !== recordSha256) throw conflictOf(candidate)
`,
    replace: ``,
    tests: ["test/team/push.test.ts"],
  },
  {
    name: "push-opted-in",
    file: "src/operations/team/candidates.ts",
    find: `  if (!among(projects)) return "outside" // safety: push-opted-in
`,
    replace: `  if (!among(projects) && cwd === "") return "outside"
`,
    tests: ["test/team/push.test.ts"],
  },
  {
    name: "push-excluded",
    file: "src/operations/team/candidates.ts",
    find: `  if (among(exclude)) return "excluded" // safety: push-excluded
`,
    replace: `  if (among(exclude) && cwd === "") return "excluded"
`,
    tests: ["test/team/push.test.ts"],
  },
  {
    name: "push-private",
    file: "src/operations/team/candidates.ts",
    find: `  return places.some(hasMarkerAbove) ? "private" : null // safety: push-private
`,
    replace: `  return cwd === "" && places.some(hasMarkerAbove) ? "private" : null
`,
    tests: ["test/team/push.test.ts"],
  },
  {
    name: "push-whole",
    file: "src/operations/team/local-objects.ts",
    find: `    // safety: push-whole
    if (source.length !== file.length || sha256 !== file.sha256)
`,
    replace: `    if (source.length !== file.length || sha256 === "")
`,
    tests: ["test/team/push.test.ts"],
  },
  {
    name: "push-agreed",
    file: "src/commands/team/agree.ts",
    find: `  // safety: push-agreed
  if (hasAgreed(paths, agreement)) return true
`,
    replace: `  if (hasAgreed(paths, agreement) || !yes) return true
`,
    tests: ["test/team/push.test.ts"],
  },
]

const inStore = [
  {
    name: "shared-no-links",
    file: "src/system/net/team-folder.ts",
    find: `  // safety: shared-no-links
  for (let above = dirname(name); above !== "."; above = dirname(above))
`,
    replace: `  for (let above = dirname(name); above === "/"; above = dirname(above))
`,
    tests: ["test/team/push.test.ts"],
  },
  {
    name: "shared-read-back",
    file: "src/system/net/team-folder.ts",
    find: `      // safety: shared-read-back
      if ((await sumOf(fd)) !== object.sha256)
`,
    replace: `      if ((await sumOf(fd)) === "")
`,
    tests: ["test/team/prove.test.ts"],
  },
  {
    name: "shared-mounted",
    file: "plugins/store/store-folder/index.ts",
    find: `  // safety: shared-mounted
  if (!shared.exists(mark))
`,
    replace: `  if (!shared.exists(mark) && folder === "/")
`,
    tests: ["test/team/push.test.ts"],
  },
]

const inS3 = [
  {
    name: "store-encrypted-way",
    file: "plugins/store/store-s3/client.ts",
    find: `  // safety: store-encrypted-way
  if (url === null || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)))
`,
    replace: `  if (url === null || (url.protocol === "" && isLoopback))
`,
    tests: ["test/team/s3/s3.test.ts"],
  },
  {
    name: "store-secret-private",
    file: "plugins/store/store-s3/credentials.ts",
    find: `  // safety: store-secret-private
  if (found.aws_secret_access_key !== undefined && !ctx.isPrivate(path))
`,
    replace: `  if (found.aws_secret_access_key !== undefined && path === "")
`,
    tests: ["test/team/s3/s3.test.ts"],
  },
]

const inSink = [
  {
    name: "sink-opted-in",
    file: "src/operations/team-search/feed.ts",
    find: `    // safety: sink-opted-in
    if (!mayLeave(part.session)) {
`,
    replace: `    if (!mayLeave(part.session) && part.session === "") {
`,
    tests: ["test/team/sink/postgres.test.ts"],
  },
  {
    name: "sink-redacted",
    file: "src/operations/team-search/feed.ts",
    find: `  // safety: sink-redacted
  return withoutSecrets(text.slice(0, maxTextChars))
`,
    replace: `  const { found } = withoutSecrets(text.slice(0, maxTextChars))
  return { text, bare: text, found }
`,
    tests: ["test/team/sink/questions.test.ts"],
  },
  {
    name: "sink-mark-after",
    file: "src/operations/team-search/feed.ts",
    find: `    if (batch.length > 0) await sink.add(batch)
    counts.sent += batch.length
    // safety: sink-mark-after
    if (last !== null)
      await writeSentMark(paths, sink.key, { part: last.part, id: idOf(sink, last), identity })
`,
    replace: `    if (last !== null)
      await writeSentMark(paths, sink.key, { part: last.part, id: idOf(sink, last), identity })
    if (batch.length > 0) await sink.add(batch)
    counts.sent += batch.length
`,
    tests: ["test/team/sink/questions.test.ts"],
  },
  {
    name: "sink-encrypted-way",
    file: "plugins/sink/sink-postgres/connection.ts",
    find: `  // safety: sink-encrypted-way
  const tls = isVerified || !["localhost", "127.0.0.1", "::1"].includes(host)
`,
    replace: `  const tls = isVerified || host === ""
`,
    tests: ["test/team/sink/questions.test.ts"],
  },
  {
    name: "sink-same-index",
    file: "src/operations/team-search/feed.ts",
    find: `  // safety: sink-same-index
  if (mark === null || mark.identity !== identity) return 0
`,
    replace: `  if (mark === null || identity === "") return 0
`,
    tests: ["test/team/sink/questions.test.ts"],
  },
  {
    name: "sink-no-plain-http",
    file: "plugins/sink/sink-opensearch/place.ts",
    find: `  // safety: sink-no-plain-http
  if (url.protocol === "http:" && !isLoopback)
`,
    replace: `  if (url.protocol === "" && !isLoopback)
`,
    tests: ["test/team/sink/answers.test.ts"],
  },
  {
    name: "sink-secret-private",
    file: "plugins/sink/sink-opensearch/place.ts",
    find: `    // safety: sink-secret-private
    if (!ctx.isPrivate(path))
`,
    replace: `    if (path === "")
`,
    tests: ["test/team/sink/answers.test.ts"],
  },
  {
    name: "sink-own-mapping",
    file: "plugins/sink/sink-opensearch/indexes.ts",
    find: `    // safety: sink-own-mapping
    if (meta?.session_rescue !== mark.session_rescue)
`,
    replace: `    if (meta?.session_rescue !== mark.session_rescue && name === "")
`,
    tests: ["test/team/sink/answers.test.ts"],
  },
  {
    name: "sink-whole-answer",
    file: "plugins/sink/sink-opensearch/client.ts",
    find: `    // safety: sink-whole-answer
    if (parsed === null && status >= 200 && status < 300)
`,
    replace: `    if (parsed === null && status === 0)
`,
    tests: ["test/team/sink/answers.test.ts"],
  },
  {
    name: "sink-bulk-items",
    file: "plugins/sink/sink-opensearch/bulk.ts",
    find: `    // safety: sink-bulk-items
    if (status >= 200 && status < 300) done++
`,
    replace: `    if (status >= 200) done++
`,
    tests: ["test/team/sink/answers.test.ts"],
  },
  {
    name: "sink-forgotten-late",
    file: "plugins/sink/sink-opensearch/index.ts",
    find: `  // safety: sink-forgotten-late
  const late = parts.filter((part) => after.has(tombstoneOf(part)) && !before.has(tombstoneOf(part)))
`,
    replace: `  const late = parts.filter((part) => after.has(tombstoneOf(part)) && before.has(tombstoneOf(part)))
`,
    tests: ["test/team/sink/answers.test.ts"],
  },
]

const inReceive = [
  {
    name: "receive-inside",
    file: "src/rescue/archive/receive.ts",
    find: `  // safety: receive-inside
  const strays = [
`,
    replace: `  const strays = name !== "" ? [] : [
`,
    tests: ["test/team/prove.test.ts"],
  },
  {
    name: "receive-decoded",
    file: "src/rescue/archive/receive.ts",
    find: `        await verifyDecoded(file, options.decode(source, file), null, false, options.progress) // safety: receive-decoded
`,
    replace: `        if (file.length < 0) await verifyDecoded(file, options.decode(source, file), null, false, options.progress)
`,
    tests: ["test/team/prove.test.ts"],
  },
  {
    name: "identity-private",
    file: "src/operations/team/encryption.ts",
    find: `  // safety: identity-private
  if (!stat.isFile() || (stat.mode & 0o077) !== 0)
`,
    replace: `  if (!stat.isFile())
`,
    tests: ["test/team/prove.test.ts"],
  },
]

export const teaming: readonly Mutant[] = [
  ...inProve,
  ...inPush,
  ...inStore,
  ...inS3,
  ...inSink,
  ...inReceive,
]
